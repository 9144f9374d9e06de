"""From the bytes of a delivered file to coded text columns, as its contract says and with nothing guessed.

Every refusal is a RejectedFile with a code, a row and a column; the exceptions of pyarrow and calamine quote
the data and are never shown nor chained.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.csv
from python_calamine import CalamineWorkbook

from synchro.columns import Coded
from synchro.contracts import CsvFormat, ExtractContract, XlsxFormat, header_key
from synchro.errors import RejectedFile

MAX_BYTES = 512 * 2**20
# An xlsx file is a zip archive: bound what it may unfold to.
MAX_UNZIPPED_BYTES = 2**30
MAX_ZIP_RATIO = 200
_BLOCK_BYTES = 4 * 2**20
_MAX_HEADER_CHARACTERS = 64 * 2**10

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Delivery:
    """The rows of one file: a column of n texts for each contracted column that is read."""

    columns: dict[str, Coded]
    rows: int
    columns_unknown: int
    # Serial numbers of Excel count from 1904 in some workbooks.
    is_1904: bool = False


def read(content: bytes, contract: ExtractContract) -> Delivery:
    """Read a file's bytes. Raises RejectedFile."""
    if not content:
        raise RejectedFile("EMPTY", "fichier vide", todo="redemander le fichier à l'opérateur")
    if len(content) > MAX_BYTES:
        raise RejectedFile("TOO_LARGE", f"fichier de plus de {MAX_BYTES // 2**20} Mo", todo="le découper par mois")
    if isinstance(contract.format, CsvFormat):
        return _read_csv(content, contract, contract.format)
    return _read_xlsx(content, contract, contract.format)


# ------------------------------------------------------------------------------------------------- headers


@dataclass(frozen=True)
class Header:
    """Where the contracted columns stand in the file: name -> position (0-based), and how many are unknown."""

    positions: dict[str, int]
    width: int
    unknown: int


def match_header(headers: list[str], contract: ExtractContract) -> Header:
    """Compare the header row with the contract. Only the contract's own words appear in messages."""
    keys = [header_key(header) for header in headers]
    known = {header: column for column in contract.columns for header in column.headers}
    _refuse_duplicates(keys, known)
    found = {known[key].name: position for position, key in enumerate(keys) if key in known}
    _refuse_two_aliases(keys, known)
    missing = [column.header for column in contract.read_columns if column.name not in found and not column.optional]
    if missing:
        names = ", ".join(f"« {header} »" for header in missing)
        todo = "vérifier le fichier (séparateur, ligne d'en-tête) ou ajouter un alias au contrat"
        raise RejectedFile("HEADER", f"en-tête absent : {names}", "ligne d'en-tête", todo)
    read_names = {column.name for column in contract.read_columns}
    positions = {name: position for name, position in found.items() if name in read_names}
    unknown = sum(1 for key in keys if key and key not in known)
    return Header(positions, len(headers), unknown)


def _refuse_duplicates(keys: list[str], known: dict[str, Any]) -> None:
    seen: dict[str, int] = {}
    for position, key in enumerate(keys, start=1):
        if not key:
            continue
        first = seen.setdefault(key.casefold(), position)
        if first != position:
            name = f" « {known[key].header} »" if key in known else ""
            where = f"colonnes {first} et {position}"
            raise RejectedFile("HEADER_TWICE", f"en-tête en double{name}", where, "n'en garder qu'une")


def _refuse_two_aliases(keys: list[str], known: dict[str, Any]) -> None:
    names: dict[str, int] = {}
    for position, key in enumerate(keys, start=1):
        if key in known:
            first = names.setdefault(known[key].name, position)
            if first != position:
                what = f"deux en-têtes pour la colonne « {known[key].header} »"
                raise RejectedFile("HEADER_TWICE", what, f"colonnes {first} et {position}", "n'en garder qu'une")


# ----------------------------------------------------------------------------------------------------- csv


def _read_csv(content: bytes, contract: ExtractContract, form: CsvFormat) -> Delivery:
    text = _decoded(content, form)
    has_quotes = form.quote in text
    if has_quotes:
        _refuse_unbalanced_quotes(text, form)
    header = match_header(_csv_header(text, form), contract)
    table = _csv_table(text.encode("utf-8"), form, header, has_quotes)
    columns = {name: Coded.from_arrow(table.column(f"c{position}")) for name, position in header.positions.items()}
    return Delivery(columns, table.num_rows, header.unknown)


def _decoded(content: bytes, form: CsvFormat) -> str:
    """The text, decoded strictly as the contract says, line ends as \\n."""
    _refuse_other_formats(content)
    if content.startswith(_UTF8_BOM) and form.encoding in ("utf-8", "utf-8-sig"):
        content = content[len(_UTF8_BOM) :]
    encoding = "utf-8" if form.encoding == "utf-8-sig" else form.encoding
    todo = f"réenregistrer en {form.encoding}, ou corriger `encoding` dans le contrat"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"octet illisible en {form.encoding}"
        raise RejectedFile("ENCODING", what, f"ligne {line}", todo) from None
    if encoding != "utf-8" and _is_utf8(content):
        raise RejectedFile("ENCODING", f"fichier en UTF-8, le contrat dit {form.encoding}", todo=todo)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else text + "\n"


def _refuse_other_formats(content: bytes) -> None:
    kinds = {_ZIP: "un classeur ou une archive", _OLE: "un ancien classeur ou un fichier protégé", _PDF: "un PDF"}
    for magic, kind in kinds.items():
        if content.startswith(magic):
            todo = "demander un vrai fichier csv, ou corriger `format` dans le contrat"
            raise RejectedFile("FORMAT", f"ce n'est pas un fichier csv mais {kind}", todo=todo)
    for bom, name in _BOMS.items():
        if content.startswith(bom):
            raise RejectedFile("ENCODING", f"fichier en {name}", todo="réenregistrer dans l'encodage du contrat")
    position = content.find(b"\0")
    if position >= 0:
        line = content.count(b"\n", 0, position) + 1
        raise RejectedFile("NUL", "octet nul dans le fichier", f"ligne {line}", "redemander le fichier")


def _is_utf8(content: bytes) -> bool:
    """Whether bytes declared in a one-byte encoding are UTF-8: accents that chance does not make."""
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_unbalanced_quotes(text: str, form: CsvFormat) -> None:
    """Every quote opens or closes a whole field, or is doubled inside one."""
    quote, delimiter = re.escape(form.quote), re.escape(form.delimiter)
    inside = rf"[^{quote}]*(?:{quote}{quote}[^{quote}]*)*"
    field = re.compile(rf"(?:^|(?<=[\n{delimiter}])){quote}{inside}{quote}(?=[\n{delimiter}]|\Z)")
    left = field.sub("", text)
    if form.quote not in left:
        return
    end = 0
    for match in field.finditer(text):
        if form.quote in text[end : match.start()]:
            break
        end = match.end()
    line = text.count("\n", 0, text.index(form.quote, end)) + 1
    todo = "doubler les guillemets à l'intérieur d'un champ, fermer ceux qui sont ouverts"
    raise RejectedFile("QUOTES", "guillemets mal fermés ou mal placés", f"ligne {line}", todo)


def _csv_header(text: str, form: CsvFormat) -> list[str]:
    start = io.StringIO(text[:_MAX_HEADER_CHARACTERS], newline="")
    try:
        return next(csv.reader(start, delimiter=form.delimiter, quotechar=form.quote), [])
    except csv.Error:
        raise RejectedFile("HEADER", "ligne d'en-tête illisible", "ligne 1", "redemander le fichier") from None


def _csv_table(content: bytes, form: CsvFormat, header: Header, has_quotes: bool) -> pa.Table:
    names = [f"c{position}" for position in range(header.width)]
    wanted = [f"c{position}" for position in header.positions.values()]
    convert = pyarrow.csv.ConvertOptions(
        check_utf8=False,
        column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in wanted},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        include_columns=wanted,
    )
    bad_rows: list[tuple[int | None, int]] = []

    def note(row: Any) -> str:
        bad_rows.append((row.number, row.actual_columns))
        return "skip"

    def parsed(use_threads: bool) -> pa.Table:
        return pyarrow.csv.read_csv(
            pa.BufferReader(content),
            pyarrow.csv.ReadOptions(
                column_names=names, skip_rows_after_names=1, block_size=_BLOCK_BYTES, use_threads=use_threads
            ),
            pyarrow.csv.ParseOptions(
                delimiter=form.delimiter,
                quote_char=form.quote,
                double_quote=True,
                newlines_in_values=has_quotes,
                invalid_row_handler=note,
            ),
            convert,
        )

    try:
        table = parsed(use_threads=True)
        if bad_rows:
            bad_rows.clear()
            parsed(use_threads=False)  # Only a reading in one thread knows the number of a row.
    except (pa.ArrowException, ValueError):
        todo = "redemander le fichier à l'opérateur"
        raise RejectedFile("UNREADABLE", "fichier csv illisible", todo=todo) from None
    if bad_rows:
        number, width = bad_rows[0]
        where = f"ligne {number}" if number else None
        what = f"{len(bad_rows)} ligne(s) de longueur fausse : {width} champs au lieu de {header.width}"
        raise RejectedFile("ROW_LENGTH", what, where, "vérifier le séparateur dans les valeurs de cette ligne")
    return table


# ---------------------------------------------------------------------------------------------------- xlsx


def _read_xlsx(content: bytes, contract: ExtractContract, form: XlsxFormat) -> Delivery:
    is_1904 = check_workbook(content)
    rows = _sheet_rows(content, form)
    if len(rows) < form.header_row:
        raise RejectedFile("HEADER", "feuille sans ligne d'en-tête", f"ligne {form.header_row}", "voir le contrat")
    header = match_header([_cell_text(cell) or "" for cell in rows[form.header_row - 1]], contract)
    body = [row for row in rows[form.header_row :] if any(cell not in (None, "") for cell in row)]
    columns = {
        name: Coded.from_list([_cell_text(row[position]) for row in body])
        for name, position in header.positions.items()
    }
    return Delivery(columns, len(body), header.unknown, is_1904)


def check_workbook(content: bytes) -> bool:
    """Refuse what is not a plain xlsx of bearable size; returns whether its dates count from 1904."""
    todo = "réenregistrer en « Classeur Excel (*.xlsx) », sans mot de passe ni macro"
    if content.startswith(_OLE):
        raise RejectedFile("FORMAT", "classeur protégé par mot de passe, ou ancien format xls", todo=todo)
    if not content.startswith(_ZIP):
        raise RejectedFile("FORMAT", "ce n'est pas un classeur xlsx", todo=todo)
    damaged = RejectedFile("UNREADABLE", "classeur xlsx abîmé", todo="redemander le fichier à l'opérateur")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive, len(content), todo)
            # calamine does not compare the checksums of what it unfolds.
            if archive.testzip() is not None:
                raise damaged
            workbook = archive.read("xl/workbook.xml")
    except RejectedFile:
        raise
    except Exception:  # zipfile lets the errors of zlib, struct and codecs through.
        raise damaged from None
    return re.search(rb"date1904\s*=\s*[\"'](1|true)[\"']", workbook) is not None


def _check_archive(archive: zipfile.ZipFile, size: int, todo: str) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    unzipped = sum(entry.file_size for entry in entries)
    if unzipped > MAX_UNZIPPED_BYTES or unzipped > MAX_ZIP_RATIO * max(size, 4096):
        raise RejectedFile("TOO_LARGE", "classeur démesuré une fois décompressé", todo=todo)
    if "xl/workbook.xml" not in names or any(entry.flag_bits & 1 for entry in entries):
        raise RejectedFile("FORMAT", "ce n'est pas un classeur xlsx lisible", todo=todo)
    if any(name.endswith("vbaProject.bin") for name in names):
        raise RejectedFile("FORMAT", "classeur avec macros", todo=todo)


def _sheet_rows(content: bytes, form: XlsxFormat) -> list[list[Any]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = workbook.sheet_names
        if form.sheet not in sheets:
            todo = "vérifier le nom de l'onglet, ou corriger `sheet` dans le contrat"
            raise RejectedFile("SHEET", f"onglet « {form.sheet} » absent", todo=todo)
        return workbook.get_sheet_by_name(form.sheet).to_python(skip_empty_area=False)
    except RejectedFile:
        raise
    except Exception:  # calamine has one exception type per format, and its panics are BaseException-like.
        raise RejectedFile("UNREADABLE", "classeur xlsx illisible", todo="redemander le fichier") from None


def _cell_text(cell: Any) -> str | None:
    """A cell as text: dates in ISO form, whole numbers without ".0", booleans as Excel writes them."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        has_time = cell.time() != time(0)
        return cell.isoformat(sep=" ", timespec="seconds") if has_time else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
