"""What an unknown file is: encoding, delimiter, sheet, header row; each guess with how sure it is, and why."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from synchro.contracts import CsvFormat, XlsxFormat
from synchro.errors import RejectedFile
from synchro.french import number
from synchro.onboarding.knowledge import Knowledge, header_words
from synchro.readers import check_workbook

# Rows looked at to find the header, and lines to find the delimiter.
_HEAD_ROWS = 25
_SAMPLE_LINES = 300
_DELIMITERS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
_FRENCH = frozenset("éèêëàâäîïôöùûüçœæÉÈÊËÀÂÄÎÏÔÖÙÛÜÇŒÆ«»’‘“”–—…€°²½ª\u00a0ñáíóúñãõšžčćŠŽ")
# A number, or a date: no name of a column begins so.
_IS_DATA = re.compile(r"\d+$|\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}")
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Guess:
    """One thing guessed: what, its value, how sure (0 to 1), and what says so (French)."""

    what: str
    value: str
    sure: float
    why: str


@dataclass(frozen=True)
class Sniffed:
    """A file's format as a contract would state it, and its bytes from the header row on."""

    format: CsvFormat | XlsxFormat
    headers: list[str]
    content: bytes
    guesses: tuple[Guess, ...]
    # Lines above the header of a csv: landing refuses such a file.
    lines_above: int = 0


def sniff(content: bytes, knowledge: Knowledge) -> Sniffed:
    """Guess a file's format. Raises RejectedFile for what no contract can describe."""
    if not content.strip():
        raise RejectedFile("EMPTY", "fichier vide", todo="redemander le fichier à l'opérateur")
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _sniff_xlsx(content, knowledge)
    return _sniff_csv(content, knowledge)


# ----------------------------------------------------------------------------------------------------- csv


def _sniff_csv(content: bytes, knowledge: Knowledge) -> Sniffed:
    encoding = guess_encoding(content)
    text = content.removeprefix(_UTF8_BOM).decode(encoding.value.removesuffix("-sig"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter, rows = _guess_delimiter(text)
    header = _guess_header_row(rows, knowledge)
    above = int(header.value) - 1
    form = CsvFormat(type="csv", encoding=encoding.value, delimiter=delimiter.value)
    lines = text.split("\n")[above:]
    shown = Guess(delimiter.what, f"« {delimiter.value} » ({_DELIMITERS[delimiter.value]})".replace("\t", "⇥"),
                  delimiter.sure, delimiter.why)  # fmt: skip
    body = "\n".join(lines).encode(encoding.value)
    return Sniffed(form, [cell.strip() for cell in rows[above]], body, (encoding, shown, header), above)


def guess_encoding(content: bytes) -> Guess:
    """One of the four encodings a contract may state. Raises RejectedFile for UTF-16 and for binary files."""
    todo = "réenregistrer le fichier en csv UTF-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RejectedFile("ENCODING", "fichier en UTF-16", todo=todo)
    if b"\0" in content:
        raise RejectedFile("FORMAT", "ce n'est ni un fichier csv ni un classeur xlsx", todo=todo)
    if content.startswith(_UTF8_BOM):
        return Guess("encodage", "utf-8-sig", 1.0, "marque d'UTF-8 en tête de fichier")
    if content.isascii():
        return Guess("encodage", "utf-8", 0.8, "aucun accent dans ce fichier : un autre mois peut en avoir")
    try:
        content.decode("utf-8")
        return Guess("encodage", "utf-8", 0.99, "tous les accents se lisent en UTF-8")
    except UnicodeDecodeError:
        pass
    encoding = "cp1252"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = content.decode(encoding)
    odd = [sign for sign in text if not sign.isascii()]
    share = sum(sign in _FRENCH for sign in odd) / len(odd)
    return Guess("encodage", encoding, share, f"{_percent(share)} des signes accentués sont du français ainsi lus")


def _guess_delimiter(text: str) -> tuple[Guess, list[list[str]]]:
    """The delimiter that cuts most lines into the same number of fields, and the first rows it gives."""
    best: tuple[float, int, str, list[list[str]]] | None = None
    for sign in _DELIMITERS:
        rows = _rows_of(text, sign)
        widths = Counter(len(row) for row in rows if row)
        width, count = max(widths.items(), key=lambda pair: (pair[0] > 1, pair[1], pair[0]))
        share = count / max(sum(widths.values()), 1) if width > 1 else 0.0
        if best is None or (share, width) > best[:2]:
            best = (share, width, sign, rows)
    share, width, sign, rows = best
    if share == 0:
        todo = "vérifier que c'est un tableau : une ligne d'en-tête, puis une ligne par personne ou par séjour"
        raise RejectedFile("DELIMITER", "aucun séparateur reconnu", todo=todo)
    return Guess("séparateur", sign, share, f"{_percent(share)} des lignes ont {width} champs"), rows


def _rows_of(text: str, delimiter: str) -> list[list[str]]:
    sample = io.StringIO("\n".join(text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]), newline="")
    try:
        return list(csv.reader(sample, delimiter=delimiter))
    except csv.Error:
        return [[]]


# ---------------------------------------------------------------------------------------------------- xlsx


def _sniff_xlsx(content: bytes, knowledge: Knowledge) -> Sniffed:
    check_workbook(content)
    sheets = _visible_sheets(content)
    found = []
    for name, rows in sheets.items():
        filled = sum(cell not in (None, "") for row in rows for cell in row)
        try:
            found.append((filled, name, rows, _guess_header_row(rows, knowledge)))
        except RejectedFile:
            continue
    if not found:
        raise _no_header()
    filled, name, rows, header = max(found, key=lambda sheet: sheet[0] * (0.2 + sheet[3].sure))
    total = sum(sheet[0] for sheet in found)
    # Filled by nobody yet: a sheet's name is the operator's and may say anything, so the report guards it.
    sheet = Guess("onglet", name, filled / total, f"{len(sheets)} onglet(s) visible(s) ; le plus rempli des tableaux")
    headers = ["" if cell is None else str(cell).strip() for cell in rows[int(header.value) - 1]]
    form = XlsxFormat(type="xlsx", sheet=name, header_row=int(header.value))
    return Sniffed(form, headers, content, (sheet, header))


def _visible_sheets(content: bytes) -> dict[str, list[list[Any]]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {
            sheet.name: workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            for sheet in workbook.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
        }
    except Exception:  # calamine has one exception type per format, and its texts may quote the data.
        raise RejectedFile("UNREADABLE", "classeur xlsx illisible", todo="redemander le fichier") from None


# ------------------------------------------------------------------------------------------------- headers


def _guess_header_row(rows: Sequence[Sequence[Any]], knowledge: Knowledge) -> Guess:
    """The row that names the columns: as wide as the table, only texts, no value of a person, known words.

    Raises RejectedFile if no row looks like one: the first person would be taken for the columns' names.
    """
    width = Counter(_filled(row) for row in rows if _filled(row)).most_common(1)
    usual = max(width[0][0] if width else 0, 1)
    scored = []
    for place, row in enumerate(rows[:_HEAD_ROWS], start=1):
        share = _header_share(row, knowledge)
        if share is not None and not _comes_back(row, rows[place:]):
            scored.append((min(1.0, _filled(row) / usual) * (0.3 + 0.7 * share), -place, share))
    best = max(scored, default=None)
    if best is None or best[2] < 0.2:
        raise _no_header()
    sure = min(1.0, 0.3 + best[2])
    why = f"{_percent(best[2])} de ses cases ont des mots d'en-tête connus"
    return Guess("ligne d'en-tête", str(-best[1]), sure, why)


def _no_header() -> RejectedFile:
    todo = "demander un fichier dont une ligne nomme les colonnes"
    return RejectedFile("HEADER", "aucune ligne d'en-tête reconnue", todo=todo)


def _filled(row: Sequence[Any]) -> int:
    return sum(cell not in (None, "") for cell in row)


def _comes_back(row: Sequence[Any], below: Sequence[Sequence[Any]]) -> bool:
    """Whether two cells of a row are found again below them, as values are and the names of columns are not."""
    seen = [{other[place] for other in below if place < len(other)} for place in range(len(row))]
    return sum(cell not in (None, "") and cell in values for cell, values in zip(row, seen, strict=True)) >= 2


def _header_share(row: Sequence[Any], knowledge: Knowledge) -> float | None:
    """Share of a row's cells that have a known header word; None for a row that cannot be a header."""
    cells = [cell for cell in row if cell not in (None, "")]
    if len(cells) < 2 or any(isinstance(cell, int | float | date | datetime) for cell in cells):
        return None
    texts = [str(cell).strip() for cell in cells]
    if any(_IS_DATA.match(text) or len(text) > 80 for text in texts) or len(set(texts)) < len(texts):
        return None
    # "F" is a value as well as the half of "H/F".
    lexicon = {word for word in knowledge.header_lexicon if len(word) > 1}
    known = sum(not lexicon.isdisjoint(header_words(text)) for text in texts)
    return known / len(texts)


def _percent(share: float) -> str:
    return f"{number(100 * share)}\u202f%"
