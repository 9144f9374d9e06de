"""From the bytes of a delivered file to coded text columns, as its contract says and with nothing guessed.

Every refusal is a RejectedFile with a code, a row and a column; the exceptions of pyarrow and calamine quote
the data and are never shown nor chained.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.csv
from python_calamine import CalamineWorkbook

from synchro.columns import Coded
from synchro.contracts import CsvFormat, ExtractContract, XlsxFormat, header_key
from synchro.errors import RejectedFile
from synchro.workbooks import OLE, ZIP, check_workbook, describe_sheet

MAX_BYTES = 512 * 2**20
# What a cell of Excel may hold: a longer field is no field, nor is a line of a megabyte.
MAX_FIELD_CHARACTERS = 32_767
MAX_LINE_BYTES = 2**20
_BLOCK_BYTES = 4 * 2**20
_MAX_HEADER_CHARACTERS = 64 * 2**10

_PDF = b"%PDF"
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_DELIMITERS = {",": ",", ";": ";", "\t": "tabulation", "|": "|"}
# "Ã©" for "é": UTF-8 that was read as cp1252 and written in UTF-8 again.
_MOJIBAKE = re.compile("[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Delivery:
    """The rows of one file: a column of n texts for each contracted column that is read."""

    columns: dict[str, Coded]
    rows: int
    columns_unknown: int
    # Serial numbers of Excel count from 1904 in some workbooks.
    is_1904: bool = False
    # The last line of a csv has no end: complete, or cut on its way.
    has_open_end: bool = False
    # What the sender should know (see receipts.NOTES), with how many times.
    notes: dict[str, int] = field(default_factory=dict)

    def check_rows(self, stated: int | None) -> None:
        """Compare with the number of rows of the manifest, if there is one. Raises RejectedFile ROWS or CUT."""
        if stated is None and self.has_open_end:
            what = "dernière ligne sans fin : fichier peut-être coupé"
            todo = "redemander le fichier, ou un manifeste qui dit son nombre de lignes"
            raise RejectedFile("CUT", what, f"ligne {self.rows + 1}", todo)
        if stated is not None and stated != self.rows:
            what = f"{self.rows} lignes, {stated} selon le manifeste"
            raise RejectedFile("ROWS", what, todo="redemander le fichier entier et son manifeste")


def read(content: bytes, contract: ExtractContract) -> Delivery:
    """Read a file's bytes. Raises RejectedFile."""
    if not content:
        raise RejectedFile("EMPTY", "fichier vide", todo="redemander le fichier à l'opérateur")
    if len(content) > MAX_BYTES:
        raise RejectedFile("TOO_LARGE", f"fichier de plus de {MAX_BYTES // 2**20} Mo", todo="le découper par mois")
    if isinstance(contract.format, CsvFormat):
        return read_csv(content, contract, contract.format)
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


def read_csv(content: bytes, contract: ExtractContract, form: CsvFormat) -> Delivery:
    """Read the bytes of a csv file of this form. Raises RejectedFile."""
    _refuse_other_formats(content)
    _refuse_long_lines(content)
    text = _decoded(content, form)
    has_open_end = not text.endswith("\n")
    text, notes = _with_repaired_accents(text + "\n" if has_open_end else text)
    has_quotes = form.quote in text
    if has_quotes:
        _refuse_unbalanced_quotes(text, form)
    header = _matched_csv_header(text, contract, form)
    table = _csv_table(text.encode("utf-8"), form, header, has_quotes)
    columns = {name: Coded.from_arrow(table.column(f"c{position}")) for name, position in header.positions.items()}
    _refuse_long_fields(columns, contract)
    return Delivery(columns, table.num_rows, header.unknown, has_open_end=has_open_end, notes=notes)


def _decoded(content: bytes, form: CsvFormat) -> str:
    """The text, decoded strictly as the contract says, line ends as \\n."""
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
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _with_repaired_accents(text: str) -> tuple[str, dict[str, int]]:
    """Accents encoded twice are put right if the whole file has them so; else only counted."""
    found = len(_MOJIBAKE.findall(text)) if "Ã" in text or "Â" in text else 0
    if not found:
        return text, {}
    try:
        return text.encode("cp1252").decode("utf-8"), {"MOJIBAKE": found}
    except UnicodeError:
        return text, {"MOJIBAKE_LEFT": found}


def _refuse_long_lines(content: bytes) -> None:
    """A line of twice MAX_LINE_BYTES is always found, one of MAX_LINE_BYTES or less never."""
    end = b"\n" if b"\n" in content else b"\r"
    for start in range(0, len(content) - MAX_LINE_BYTES, MAX_LINE_BYTES):
        if content.find(end, start, start + MAX_LINE_BYTES) < 0:
            line = content.count(end, 0, start) + 1
            raise RejectedFile("TOO_LARGE", "ligne démesurée", f"ligne {line}", "redemander le fichier")


def _refuse_long_fields(columns: dict[str, Coded], contract: ExtractContract) -> None:
    headers = {column.name: column.header for column in contract.columns}
    for name, coded in columns.items():
        if max(map(len, coded.values), default=0) > MAX_FIELD_CHARACTERS:
            what = f"valeur de plus de {MAX_FIELD_CHARACTERS} caractères"
            raise RejectedFile("TOO_LARGE", what, f"colonne « {headers[name]} »", "redemander le fichier")


def _refuse_other_formats(content: bytes) -> None:
    kinds = {ZIP: "un classeur ou une archive", OLE: "un ancien classeur ou un fichier protégé", _PDF: "un PDF"}
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


def _matched_csv_header(text: str, contract: ExtractContract, form: CsvFormat) -> Header:
    try:
        return match_header(_csv_header(text, form, form.delimiter), contract)
    except RejectedFile as error:
        used = next((sign for sign in _DELIMITERS if _fits(text, contract, form, sign)), None)
        if used is None:
            raise error from None
        what = f"séparateur « {_DELIMITERS[used]} », le contrat dit « {_DELIMITERS[form.delimiter]} »"
        todo = "réenregistrer avec le séparateur du contrat, ou corriger `delimiter`"
        raise RejectedFile("SEPARATOR", what, "ligne d'en-tête", todo) from None


def _fits(text: str, contract: ExtractContract, form: CsvFormat, delimiter: str) -> bool:
    """Whether the header would be the contract's with this delimiter."""
    try:
        match_header(_csv_header(text, form, delimiter), contract)
    except RejectedFile:
        return False
    return True


def _csv_header(text: str, form: CsvFormat, delimiter: str) -> list[str]:
    start = io.StringIO(text[:_MAX_HEADER_CHARACTERS], newline="")
    try:
        return next(csv.reader(start, delimiter=delimiter, quotechar=form.quote), [])
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
    check_workbook(content)
    about = describe_sheet(content, form.sheet)
    rows = _sheet_rows(content, form)
    if len(rows) < form.header_row:
        raise RejectedFile("HEADER", "feuille sans ligne d'en-tête", f"ligne {form.header_row}", "voir le contrat")
    header = match_header([_cell_text(cell) or "" for cell in rows[form.header_row - 1]], contract)
    body = [row for row in rows[form.header_row :] if any(cell not in (None, "") for cell in row)]
    columns = {
        name: Coded.from_list([_cell_text(row[position]) for row in body])
        for name, position in header.positions.items()
    }
    _refuse_long_fields(columns, contract)
    return Delivery(columns, len(body), header.unknown, about.is_1904, notes=about.notes)


def _sheet_rows(content: bytes, form: XlsxFormat) -> list[list[Any]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(form.sheet)
        rows = sheet.to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # calamine has one exception type per format, and its panics are no Exception.
        raise RejectedFile("UNREADABLE", "classeur xlsx illisible", todo="redemander le fichier") from None
    _refuse_merged_cells(sheet.merged_cell_ranges or [], form)
    return rows


def _refuse_merged_cells(ranges: list[tuple[tuple[int, int], tuple[int, int]]], form: XlsxFormat) -> None:
    """A merged cell has a value in its first row or column only; titles above the header do no harm."""
    for (_, column), (last_row, _) in ranges:
        if last_row + 1 >= form.header_row:
            where = f"ligne {last_row + 1}, colonne {column + 1}"
            raise RejectedFile("MERGED", "cellules fusionnées", where, "défusionner et remplir chaque cellule")


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
