"""What the fields of an extract are, in the words of those who send them: for templates and documents."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from synchro.contracts import EXCEL_SERIAL, ColumnContract, ExtractContract
from synchro.normalise import source_key
from synchro.purposes import purpose_of

# Vocabularies whose codes are those of another list.
_CODE_LISTS = {"commune": "reference/communes", "exit_destination": "vocabularies/voc_situation"}
# What the tool says of a word; nobody writes it.
_OUR_CODES = ("unmapped", "not_collected")
_DIRECTIVES = {"%d": "JJ", "%m": "MM", "%Y": "AAAA", "%H": "HH", "%M": "MM", "%S": "SS"}


@dataclass(frozen=True)
class Field:
    """One column as an operator reads it. `words`: what may be chosen, () where there is no list."""

    column: ColumnContract
    category: str
    form: str
    treatment: str
    words: tuple[str, ...] = ()


def fields_of(extract: ExtractContract, project_dir: Path) -> list[Field]:
    """The columns that are read, in the order of the contract."""
    return [_field(column, extract, project_dir) for column in extract.read_columns]


def _field(column: ColumnContract, extract: ExtractContract, project_dir: Path) -> Field:
    known = purpose_of(column.role, column.vocabulary)
    words = choices(column.vocabulary, extract.source, project_dir) if column.vocabulary else ()
    return Field(column, known.category, _form(column, extract), known.treatment, words)


def _form(column: ColumnContract, extract: ExtractContract) -> str:
    """How a cell is written."""
    if column.vocabulary:
        return "mot de la liste"
    if column.is_date:
        if column.format in (None, EXCEL_SERIAL):
            return "date"
        text = column.format
        for directive, letters in _DIRECTIVES.items():
            text = text.replace(directive, letters)
        return f"date {text}"
    if column.type == "integer":
        return "nombre entier"
    return "code court" if column.code else "texte"


@cache
def choices(vocabulary: str, source: str, project_dir: Path) -> tuple[str, ...]:
    """One word for each code of a vocabulary, in its order, that this source's mapping translates to that code.

    The label where the mapping knows it, else the word nearest to it; codes without a word are left out.
    """
    folder = project_dir / "seeds"
    words: dict[str, list[str]] = {}
    for row in _rows(folder / "mappings" / f"map_{vocabulary}.csv"):
        if row["operator"] == source:
            words.setdefault(row[vocabulary], []).append(row["source_value"])
    codes = _rows(folder / f"{_CODE_LISTS.get(vocabulary, f'vocabularies/voc_{vocabulary}')}.csv")
    codes = [row for row in codes if row["code"] not in _OUR_CODES and row["code"] in words]
    codes.sort(key=lambda row: int(row["position"]))
    return tuple(_word(row["label_fr"], words[row["code"]]) for row in codes)


def _word(label: str, words: list[str]) -> str:
    key = source_key(label)
    if key in words:
        return label
    return max(sorted(words), key=lambda word: SequenceMatcher(None, key, word).ratio())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
