"""Readers: the file is what the contract says, or it is refused, and no refusal quotes it."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from landing_kit import HEADER, IDENTITY, column, lines, table, write_contract, write_project
from synchro import readers
from synchro.contracts import ColumnContract, load_contracts
from synchro.errors import RejectedFile
from synchro.readers import read
from synchro.values import birth_date_reader, parse_integer, parser

CANARY = "ZQXCANARI"
ROW = f"R1;{CANARY};Ana;03/04/1980;05/03/2024;À la rue;S1;2;texte libre"


@pytest.fixture
def visits(tmp_path):
    return load_contracts(write_project(tmp_path).project_dir)["alpha"].extracts["visits"]


@pytest.fixture
def contract_of(tmp_path):
    """A function giving the contract of an extract with another format."""
    project = write_project(tmp_path).project_dir

    def build(name="visits", columns=None, file="visits_{yyyy}-{mm}{version}.csv", **form):
        nodes = columns or [column("ref", "Réf", "record.local_id"), *IDENTITY]
        write_contract(project, "alpha", [table(name, file, nodes, format=form)])
        return load_contracts(project)["alpha"].extracts[name]

    return build


def texts(delivery, name):
    coded = delivery.columns[name]
    return [coded.values[code] if code >= 0 else None for code in coded.codes]


def refusal(content: bytes, contract) -> RejectedFile:
    with pytest.raises(RejectedFile) as caught:
        read(content, contract)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


# ---------------------------------------------------------------------------------------------- csv, good


def test_every_cell_is_text_and_nothing_is_guessed(visits):
    row = "007;NULL;true;1980-01-01;1e5;NaN;  S1 ;;x"
    delivery = read(lines(row).encode(), visits)
    assert delivery.rows == 1
    assert [texts(delivery, name)[0] for name in ("ref", "nom", "prenom")] == ["007", "NULL", "true"]
    assert [texts(delivery, name)[0] for name in ("date_visite", "situation", "structure")] == ["1e5", "NaN", "  S1 "]
    assert texts(delivery, "places") == [None]


def test_free_text_and_unknown_columns_are_never_read(visits):
    content = f"{HEADER};Téléphone;\n{ROW};0612345678;\n"
    delivery = read(content.encode(), visits)
    assert "notes" not in delivery.columns
    assert delivery.columns_unknown == 1
    assert len(delivery.columns) == 8


def test_columns_go_by_name_in_any_order_and_spelling_of_unicode(visits):
    import unicodedata

    header = unicodedata.normalize("NFD", "Places; Structure ;Situation actuelle;Date;Né(e)\u00a0le;Prénom;Nom;Réf")
    delivery = read(f"{header}\n3;S1;À la rue;05/03/2024;;Ana;Li;R1\n".encode(), visits)
    assert texts(delivery, "places") == ["3"]
    assert texts(delivery, "ref") == ["R1"]
    assert texts(delivery, "situation") == ["À la rue"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(visits, end):
    content = lines(ROW, ROW.replace("R1", "R2")).replace("\n", end).encode()
    assert texts(read(content, visits), "ref") == ["R1", "R2"]
    assert texts(read(content.rstrip(b"\r\n"), visits), "ref") == ["R1", "R2"]


def test_quotes_newlines_and_blank_lines(visits):
    content = lines('"R1";"Li; ou ""Lee""";"A\nB";;05/03/2024;;;;', "", "R2;;;;06/03/2024;;;;")
    delivery = read(content.encode(), visits)
    assert texts(delivery, "nom") == ['Li; ou "Lee"', None]
    assert texts(delivery, "prenom") == ["A\nB", None]
    assert texts(delivery, "ref") == ["R1", "R2"]


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("latin-1", "latin-1"),
    ],
)
def test_declared_encodings(contract_of, declared, used):
    contract = contract_of(type="csv", encoding=declared, delimiter=",")
    content = "Réf,Nom,Prénom,Né(e) le\nR1,Ébène,Zoé,\n".encode(used)
    assert texts(read(content, contract), "nom") == ["Ébène"]


# ----------------------------------------------------------------------------------------------- csv, bad


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "EMPTY", []),
        (lines(ROW).encode("cp1252"), "ENCODING", ["utf-8", "ligne 1"]),
        (lines(ROW).encode("utf-16"), "ENCODING", ["UTF-16"]),
        (lines(ROW.replace("Ana", "A\0na")).encode(), "NUL", ["ligne 2"]),
        (lines(ROW).replace(";", ",").encode(), "SEPARATOR", ["« , »", "« ; »"]),
        (f"{ROW}\n".encode(), "HEADER", ["« Réf »"]),
        (f"Liste de mars\n{lines(ROW)}".encode(), "HEADER", ["« Nom »"]),
        (lines(ROW, header=HEADER.replace("Réf", CANARY)).encode(), "HEADER", ["« Réf »"]),
        (lines(ROW + ";", header=HEADER + ";nom").encode(), "HEADER_TWICE", ["colonnes 2 et 10"]),
        (lines(ROW + ";", header=f"{HEADER};Situation actuelle").encode(), "HEADER_TWICE", ["Situation"]),
        (lines(ROW + ";;", header=f"{HEADER};{CANARY};{CANARY}").encode(), "HEADER_TWICE", ["colonnes 10 et 11"]),
        (lines(ROW, ROW + ";en trop").encode(), "ROW_LENGTH", ["ligne 3", "10 champs au lieu de 9"]),
        (lines(f"R1;{CANARY}", ROW).encode(), "ROW_LENGTH", ["ligne 2", "2 champs"]),
        (lines(ROW, f'R2;"{CANARY};;;;;;;', ROW).encode(), "QUOTES", ["ligne 3"]),
        (lines(f'R2;{CANARY} "dit" Ana;;;;;;;').encode(), "QUOTES", ["ligne 2"]),
        (b"PK\x03\x04" + b"x" * 50, "FORMAT", ["csv"]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xx", "FORMAT", ["csv"]),
    ],
)
def test_bad_csv_files_are_refused_by_code_and_place(visits, content, code, words):
    error = refusal(content, visits)
    assert error.code == code
    for word in words:
        assert word in str(error)


def test_utf8_is_not_read_as_a_one_byte_encoding(contract_of):
    contract = contract_of(type="csv", encoding="cp1252", delimiter=";")
    assert refusal("Réf;Nom;Prénom;Né(e) le\nR1;é;;\n".encode(), contract).code == "ENCODING"


def test_undefined_bytes_of_cp1252_are_refused(contract_of):
    contract = contract_of(type="csv", encoding="cp1252", delimiter=";")
    content = "Réf;Nom;Prénom;Né(e) le\n".encode("cp1252") + b"R1;\x81;;\n"
    error = refusal(content, contract)
    assert (error.code, error.where) == ("ENCODING", "ligne 2")


def test_too_large_a_file_is_refused(visits, monkeypatch):
    monkeypatch.setattr(readers, "MAX_BYTES", 10)
    assert refusal(lines(ROW).encode(), visits).code == "TOO_LARGE"


# --------------------------------------------------------------------------------------------------- xlsx

SHEET = [
    column("ref", "ID", "record.local_id"),
    column("nom", "Nom", "identity.last_name"),
    column("date_naissance", "Naissance", "identity.birth_date", type="date", format="excel_serial"),
    column("entree", "Entrée", type="date"),
    column("places", "Places", type="integer", required=True),
]


def workbook(rows, sheet="Passages", title="Passages du mois", options=None) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True} | (options or {}))
    page = book.add_worksheet(sheet)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    page.write(0, 0, title)
    for row, cells in enumerate([["ID", "Nom", "Naissance", "Entrée", "Places"], *rows], start=1):
        for position, cell in enumerate(cells):
            if isinstance(cell, date):
                page.write_datetime(row, position, cell, day)
            elif cell is not None:
                page.write(row, position, cell)
    book.close()
    return buffer.getvalue()


@pytest.fixture
def sheet_contract(contract_of):
    return contract_of(columns=SHEET, file="p_{yyyy}_{mm}.xlsx", type="xlsx", sheet="Passages", header_row=2)


def test_xlsx_cells_become_text(sheet_contract):
    content = workbook(
        [[12, "Li", 29284, date(2024, 3, 5), 2.0], ["A-1", None, "03/04/1980", datetime(2024, 3, 5, 10, 30), 2.5]]
    )
    delivery = read(content, sheet_contract)
    assert delivery.rows == 2
    assert texts(delivery, "ref") == ["12", "A-1"]
    assert texts(delivery, "date_naissance") == ["29284", "03/04/1980"]
    assert texts(delivery, "entree") == ["2024-03-05", "2024-03-05 10:30:00"]
    assert texts(delivery, "places") == ["2", "2.5"]
    assert texts(delivery, "nom") == ["Li", None]


def test_empty_xlsx_rows_are_no_rows(sheet_contract):
    assert read(workbook([[1, "A", None, None, 1], [None] * 5, ["", "", "", "", ""]]), sheet_contract).rows == 1


def test_the_1904_calendar_is_known(sheet_contract):
    assert not read(workbook([[1, "A", 1, None, 1]]), sheet_contract).is_1904
    assert read(workbook([[1, "A", 1, None, 1]], options={"date_1904": True}), sheet_contract).is_1904


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Nom;ID\nZQXCANARI;1\n", "FORMAT"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "FORMAT"),
        (workbook([[1, CANARY, 1, None, 1]])[:900], "UNREADABLE"),
        (workbook([[1, CANARY, 1, None, 1]], sheet="Autre"), "SHEET"),
        (zipped(**{"content.xml": b"x", "mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "FORMAT"),
        (zipped(**{"xl__workbook.xml": b"x", "xl__vbaProject.bin": b"x"}), "FORMAT"),
        (zipped(**{"xl__workbook.xml": b"<workbook>", "a": b"ZQXCANARI"}), "UNREADABLE"),
        (zipped(**{"xl__workbook.xml": b"0" * 3_000_000}), "TOO_LARGE"),
    ],
)
def test_bad_workbooks_are_refused(sheet_contract, content, code):
    assert refusal(content, sheet_contract).code == code


def rows_or_refusal(content: bytes, contract) -> int | str:
    try:
        return read(content, contract).rows
    except RejectedFile as error:
        return str(error)


def test_a_flipped_byte_never_gives_another_count_of_rows(sheet_contract):
    good = workbook([[i, CANARY, 1, None, 1] for i in range(20)])
    for place in range(0, len(good), 61):
        bad = good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :]
        outcome = rows_or_refusal(bad, sheet_contract)
        assert outcome == 20 or (isinstance(outcome, str) and CANARY not in outcome)


# ------------------------------------------------------------------------------------------------- values


def cell(kind: str, text: str, form: str | None = None, is_xlsx: bool = False, is_1904: bool = False):
    from synchro.contracts import ColumnContract

    contract = ColumnContract(name="c", header="C", role="value", type=kind, format=form)
    return parser(contract, is_xlsx, is_1904)(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05/03/2024", "2024-03-05"),
        (" 5/3/2024 ", "2024-03-05"),
        ("29/02/2024", "2024-02-29"),
        ("29/02/2023", None),
        ("31/02/2024", None),
        ("00/00/2024", None),
        ("05/03/24", None),
        ("2024-03-05", None),
        ("05/03/2024 10:00", None),
        ("01/01/1900", None),
        ("31/12/9999", None),
        ("hier", None),
        ("٠٥/٠٣/٢٠٢٤", "2024-03-05"),
    ],
)
def test_dates_follow_their_format_strictly(text, expected):
    assert cell("date", text, "%d/%m/%Y") == expected


def test_datetimes_and_serial_numbers():
    assert cell("datetime", "05/03/2024 9:05", "%d/%m/%Y %H:%M") == "2024-03-05 09:05:00"
    assert cell("datetime", "05/03/2024 25:00", "%d/%m/%Y %H:%M") is None
    assert cell("datetime", "05/03/2024", "%d/%m/%Y %H:%M") is None
    assert cell("date", "45356", "excel_serial", is_xlsx=True) == "2024-03-05"
    assert cell("date", "45356.5", "excel_serial", is_xlsx=True) == "2024-03-05"
    assert cell("date", "43894", "excel_serial", is_xlsx=True, is_1904=True) == "2024-03-05"
    assert cell("date", "2024-03-05", "excel_serial", is_xlsx=True) == "2024-03-05"
    assert cell("date", "2024-03-05 10:00:00", None, is_xlsx=True) == "2024-03-05"
    assert cell("date", "999999", "excel_serial", is_xlsx=True) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", "3"), (" 03 ", "3"), ("1 200", "1200"), ("1\u202f200", "1200"), ("3,0", "3"), ("3.00", "3"), ("-2", "-2"),
     ("3,5", None), ("trois", None), ("0612345678", None), ("", None)],
)  # fmt: skip
def test_integers(text, expected):
    assert parse_integer(text) == expected


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("05/03/1980", "1980-03-05"),
        ("O5/o3/l98O", "1980-03-05"),  # letters typed for digits
        ("03/25/1980", "1980-03-25"),  # month and day in the other order
        ("31/02/1980", "1980-02-31"),  # kept for its parts
        ("00/03/1980", "1980-03-00"),
        ("05/03/2080", "0000-03-05"),  # nobody is born after the month's end
        ("05/03/1880", "0000-03-05"),
        ("01/01/1900", None),  # a placeholder
        ("31/12/9999", None),
        ("05/03/80", None),
        ("inconnue", None),
    ],
)
def test_a_birth_date_is_read_as_far_as_it_can_be(text, read):
    plain = ColumnContract(name="c", header="C", role="identity.birth_date", type="date", format="%d/%m/%Y")
    reader = birth_date_reader(parser(plain, is_xlsx=False), "%d/%m/%Y", date(2024, 3, 31))
    assert reader(text) == read
