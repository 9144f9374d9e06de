"""The value guard: a person's name or number typed where a code was expected is masked before it is stored."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from synchro.columns import Coded
from synchro.normalise import PARTICLES, name_words, normalise_name, source_key

MASK = "[masqué]"
MAX_CHARACTERS = 60
_DIGITS = re.compile(r"\d(?:[\s.\-–/_]*\d){5,}")
# A local identifier may well have six digits; not those of a telephone or of a social security number.
_PHONE_OR_NIR = re.compile(r"(?:(?:\+|00)33|0)[1-9]\d{8}|[12]\d{12}(?:\d{2})?")
# "17 bis, rue ...": a number before a kind of street is an address; "à la rue" is not.
_ADDRESS = re.compile(
    r"\d+\s*(?:bis|ter|quater)?\s*,?\s*(?:rue|ruelle|avenue|av|bd|boulevard|place|chemin|impasse|allee|route|quai|cours"
    r"|square|passage|faubourg|fg|residence|lotissement|hameau|villa)\b",
)
_SEPARATORS = re.compile(r"[\s.\-–/_()]+")


@lru_cache(maxsize=2**19)
def _words_of_name(name: str) -> frozenset[str]:
    """The words by which a name is recognised, as typed and as normalised; none for a placeholder."""
    normalised = normalise_name(name)
    return name_words(name) | name_words(normalised) if normalised else frozenset()


class Guard:
    """Judges the texts of one file, whose identity values it knows."""

    def __init__(self, names: Iterable[str]) -> None:
        """names: the distinct last, first and birth names of the file, as typed."""
        self._words = set().union(*map(_words_of_name, names)) - PARTICLES

    def mask(self, column: Coded, known: frozenset[str]) -> tuple[Coded, np.ndarray]:
        """The column with suspect texts replaced by MASK, and which rows that changed (n booleans).

        known: source keys that the mapping of the column's vocabulary has for this operator.
        """
        suspect = [source_key(text) not in known and self.is_suspect(text) for text in column.values]
        if not any(suspect):
            return column, np.zeros(len(column), dtype=bool)
        masked = (MASK if bad else text for text, bad in zip(column.values, suspect, strict=True))
        return column.replace(masked), column.flags(suspect)

    def is_suspect(self, text: str) -> bool:
        """Whether a text may name a person, or hold a number or an address of theirs."""
        holds_number = _DIGITS.search(text) or _ADDRESS.search(source_key(text))
        return self._has_name(text) or holds_number is not None

    def is_suspect_local_id(self, text: str) -> bool:
        """The same for an identifier of the operator's, where digits are expected."""
        return self._has_name(text) or _PHONE_OR_NIR.fullmatch(_SEPARATORS.sub("", text)) is not None

    def _has_name(self, text: str) -> bool:
        if len(text) > MAX_CHARACTERS or "@" in text:
            return True
        return not self._words.isdisjoint(name_words(text))


class KnownValues:
    """The mapping seeds of a project: which source keys each operator's vocabulary knows."""

    def __init__(self, project_dir: Path) -> None:
        self._folder = Path(project_dir) / "seeds" / "mappings"
        self._read = cache(self._read_mapping)

    def of(self, vocabulary: str | None, operator: str) -> frozenset[str]:
        return self._read(vocabulary).get(operator, frozenset()) if vocabulary else frozenset()

    def _read_mapping(self, vocabulary: str) -> dict[str, frozenset[str]]:
        path = self._folder / f"map_{vocabulary}.csv"
        if not path.is_file():
            return {}
        keys: dict[str, set[str]] = {}
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                keys.setdefault(row.get("operator") or "", set()).add(source_key(row.get("source_value") or ""))
        return {operator: frozenset(values) for operator, values in keys.items()}
