"""How a file departs from the contract it should follow: format, columns, types, words that nobody translated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synchro.contracts import ColumnContract, CsvFormat, ExtractContract
from synchro.french import number
from synchro.guard import MASK, KnownValues
from synchro.onboarding.opening import Opened
from synchro.onboarding.shapes import DATE_CELL, Shape
from synchro.values import parser

if TYPE_CHECKING:
    from synchro.onboarding.profiling import ColumnProfile


@dataclass(frozen=True)
class Difference:
    """One departure from the contract: its kind, where, what (French), and what to do."""

    kind: str
    where: str
    what: str
    todo: str


def compare(
    contract: ExtractContract, opened: Opened, columns: Sequence[ColumnProfile], project_dir: Path
) -> Iterator[Difference]:
    """Every difference, the format's first, then column by column in the order of the contract."""
    yield from _format(contract, opened)
    by_header = {header: place for place, header in enumerate(opened.headers)}
    found = {
        column.name: next((by_header[header] for header in column.headers if header in by_header), None)
        for column in contract.columns
    }
    new = [place for place in range(len(columns)) if place not in found.values()]
    renamed = []
    for column in contract.columns:
        if found[column.name] is None and column.role != "ignored":
            twin = _twin(column, [columns[place] for place in new if place not in renamed])
            renamed += [columns.index(twin)] if twin else []
            yield _missing(column, twin)
    for place in new:
        if place not in renamed:
            yield _new(columns[place])
    known = KnownValues(project_dir)
    for column in contract.columns:
        place = found[column.name]
        if place is not None:
            yield from _unreadable(column, opened.shapes[place], opened.is_xlsx)
            words = known.of(column.vocabulary, contract.operator)
            yield from _unmapped(column, opened.shapes[place], columns[place], words)


def _format(contract: ExtractContract, opened: Opened) -> Iterator[Difference]:
    expected, seen = contract.format, opened.sniffed.format
    todo = "redemander le fichier dans le format convenu, ou corriger le contrat"
    if expected.type != seen.type:
        yield Difference("format", "fichier", f"{seen.type} au lieu de {expected.type}", todo)
    elif isinstance(expected, CsvFormat):
        # Read in latin-1 or in cp1252, the same letters come out; a file without accents is all of them.
        if _family(expected.encoding) != _family(seen.encoding) and not opened.sniffed.content.isascii():
            yield Difference("format", "encodage", f"{seen.encoding} au lieu de {expected.encoding}", todo)
        if expected.delimiter != seen.delimiter:
            yield Difference("format", "séparateur", f"{seen.delimiter!r} au lieu de {expected.delimiter!r}", todo)
        if opened.sniffed.lines_above:
            what = f"{opened.sniffed.lines_above} ligne(s) au-dessus de l'en-tête"
            yield Difference("format", "en-tête", what, "les faire retirer : le fichier serait rejeté")
    else:
        if expected.sheet != seen.sheet:
            yield Difference("format", "onglet", f"l'onglet « {expected.sheet} » n'est pas celui des données", todo)
        if expected.header_row != seen.header_row:
            what = f"ligne {seen.header_row} au lieu de {expected.header_row}"
            yield Difference("format", "ligne d'en-tête", what, todo)


def _family(encoding: str) -> str:
    return {"utf-8-sig": "utf-8", "latin-1": "cp1252"}.get(encoding, encoding)


def _twin(column: ColumnContract, new: Sequence[ColumnProfile]) -> ColumnProfile | None:
    """The new column that is most likely a contracted one under another name."""
    alike = [other for other in new if _is_like(column, other) and not other.is_header_masked]
    return max(alike, key=lambda other: other.score, default=None)


def _missing(column: ColumnContract, twin: ColumnProfile | None) -> Difference:
    where = f"« {column.header} »"
    if twin is not None:
        todo = "si c'est la même, ajouter ce nom à `aliases` dans le contrat"
        return Difference("renommée", where, f"absente ; « {twin.header} » lui ressemble", todo)
    todo = "la redemander, ou la retirer du contrat si l'opérateur ne l'a plus"
    return Difference("manquante", where, "absente du fichier", todo)


def _is_like(column: ColumnContract, other: ColumnProfile) -> bool:
    if column.vocabulary or column.role != "value":
        return (other.field.role, other.field.vocabulary) == (column.role, column.vocabulary)
    return other.field.kind == ("date" if column.is_date else column.type)


def _new(column: ColumnProfile) -> Difference:
    where = f"colonne {column.place}, « {column.header} »"
    if column.is_header_masked:
        where = f"colonne {column.place} (en-tête {MASK})"
    todo = "la décrire au contrat si elle sert ; sinon rien : elle n'est jamais enregistrée"
    return Difference("nouvelle", where, f"hors contrat, ressemble à : {column.field.label_fr}", todo)


def _unreadable(column: ColumnContract, shape: Shape, is_xlsx: bool) -> Iterator[Difference]:
    if column.type == "text" or column.role == "ignored" or not shape.filled:
        return
    read = parser(column, is_xlsx, shape.is_1904)
    share = shape.share(text for text in shape.counts if read(text) is None)
    if share > 0:
        seen = ", ".join(form.format for form in shape.dates[:3] if form.format != column.format)
        also = f" ; formats vus : {seen}" if seen and column.is_date else ""
        what = f"{number(100 * share, 1)} % des cases illisibles en {column.format or _TYPES[column.type]}{also}"
        todo = "demander le format convenu, ou corriger `format` au contrat"
        yield Difference("type", f"« {column.header} »", what, todo)


_TYPES = {"date": DATE_CELL, "datetime": DATE_CELL, "integer": "nombre entier"}


def _unmapped(
    column: ColumnContract, shape: Shape, profile: ColumnProfile, known: frozenset[str]
) -> Iterator[Difference]:
    if not column.vocabulary:
        return
    unmapped = {key: count for key, count in shape.keys.items() if key not in known}
    if not unmapped:
        return
    shown = [f"« {word.text} »" for word in profile.words if word.key in unmapped]
    hidden = len(unmapped) - len(shown)
    told = ", ".join(shown) + (f"{' et ' if shown else ''}{hidden} non montré(s)" if hidden else "")
    what = f"{len(unmapped)} mot(s) sans traduction ({sum(unmapped.values())} ligne(s)) : {told}"
    todo = f"ajouter une ligne par mot dans seeds/mappings/map_{column.vocabulary}.csv"
    yield Difference("mots", f"« {column.header} »", what, todo)
