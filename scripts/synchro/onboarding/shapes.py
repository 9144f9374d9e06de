"""The shape of a column's values, whatever they mean: fill, dates and their formats, numbers, names, closed list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from synchro.columns import Coded
from synchro.contracts import EXCEL_SERIAL, ColumnContract
from synchro.normalise import name_words, source_key
from synchro.values import parse_integer, parser

# Formats tried on every column, the likelier first: day before month, as in France.
_DATE_FORMATS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y")
_TIME_FORMATS = ("%H:%M", "%H:%M:%S")
_MOMENT_FORMATS = tuple(f"{day}{sign}{moment}" for day in _DATE_FORMATS for sign in " T" for moment in _TIME_FORMATS)
# Distinct texts on which the formats are tried; those that read none of them are not in the column.
_SAMPLE = 2_000
# A true date cell of a workbook: no format is needed.
DATE_CELL = "cellule date"
_NAME = re.compile(r"[^\W\d_]+(?:[\s'’.\-]+[^\W\d_]+){0,4}\.?")
_HAS_DIGIT = re.compile(r"\d")
# Serial numbers of Excel for 1905 to 2064; others are plain numbers.
_SERIALS = range(1827, 60_000)


@dataclass(frozen=True)
class DateForm:
    """A format in which some of a column's cells read as dates: share of the filled cells, and the years read."""

    format: str
    share: float
    years: tuple[int, ...]

    @property
    def has_time(self) -> bool:
        return "%H" in self.format


class Shape:
    """One column: texts and how often each occurs. Blank cells are left out."""

    def __init__(self, column: Coded, is_xlsx: bool, is_1904: bool = False) -> None:
        self.rows = len(column)
        counts: Counter[str] = Counter()
        for value, count in Counter(column.codes.tolist()).items():
            if value >= 0 and column.values[value].strip():
                counts[column.values[value].strip()] += count
        self.counts = counts
        self.is_xlsx = is_xlsx
        self.is_1904 = is_1904

    @cached_property
    def filled(self) -> int:
        return sum(self.counts.values())

    @property
    def distinct(self) -> int:
        return len(self.counts)

    @property
    def fill(self) -> float:
        return self.filled / self.rows if self.rows else 0.0

    @property
    def repetition(self) -> float:
        """Share of the filled cells that repeat another one: 0 for identifiers, near 1 for a closed list."""
        return 1 - self.distinct / self.filled if self.filled else 0.0

    def share(self, texts: Iterable[str]) -> float:
        """Share of the filled cells that hold one of these texts."""
        return sum(self.counts[text] for text in texts) / self.filled if self.filled else 0.0

    @cached_property
    def keys(self) -> Counter[str]:
        """The values as source keys, with counts."""
        keys: Counter[str] = Counter()
        for text, count in self.counts.items():
            keys[source_key(text)] += count
        return keys

    # --------------------------------------------------------------------------------------------- dates

    @cached_property
    def dates(self) -> tuple[DateForm, ...]:
        """The formats in which cells read as dates, each cell counted for the first that reads it."""
        left = dict(self.counts)
        sample = dict(list(left.items())[:_SAMPLE])
        rows_read = {form: sum(sample[text] for text in self._read_by(form, sample)) for form in self._formats()}
        forms = []
        # The format that reads most comes first: 03/04/2024 alone does not say which is the month.
        for form in sorted(filter(rows_read.get, rows_read), key=lambda form: -rows_read[form]):
            read = self._read_by(form, left)
            if read:
                share = sum(left[text] for text in read) / self.filled
                forms.append(DateForm(form, share, tuple(sorted(int(day[:4]) for day in read.values()))))
                left = {text: count for text, count in left.items() if text not in read}
        return tuple(sorted(forms, key=lambda form: -form.share))

    def _formats(self) -> tuple[str, ...]:
        plain = (*_DATE_FORMATS, *_MOMENT_FORMATS)
        return (DATE_CELL, EXCEL_SERIAL, *plain) if self.is_xlsx else plain

    def _read_by(self, form: str, texts: Iterable[str]) -> dict[str, str]:
        """Of these texts, those that are dates in a format, each with its ISO form."""
        kind = "datetime" if "%H" in form else "date"
        stated = None if form == DATE_CELL else form
        column = ColumnContract(name="x", header="x", role="value", type=kind, format=stated)
        read = parser(column, is_xlsx=form == DATE_CELL, is_1904=self.is_1904)
        if form == EXCEL_SERIAL:
            texts = [text for text in texts if text.isdigit() and int(text) in _SERIALS]
        return {text: day for text in texts if (day := read(text))}

    @property
    def date_share(self) -> float:
        return sum(form.share for form in self.dates)

    @cached_property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(year for form in self.dates for year in form.years))

    # ------------------------------------------------------------------------------------ numbers, names

    @cached_property
    def integer_share(self) -> float:
        return self.share(text for text in self.counts if parse_integer(text) is not None)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(number) for text in self.counts if (number := parse_integer(text)))

    @cached_property
    def digit_share(self) -> float:
        return self.share(text for text in self.counts if _HAS_DIGIT.search(text))

    def length_share(self, lengths: range) -> float:
        """Share of the filled cells that are digits only, as many as that."""
        return self.share(text for text in self.counts if text.isdigit() and len(text) in lengths)

    def name_share(self, lexicon: frozenset[str]) -> float:
        """Share of the filled cells that look like names of persons: letters only, no word of the trade."""
        return self.share(
            text for text in self.counts if _NAME.fullmatch(text) and lexicon.isdisjoint(name_words(text))
        )

    @cached_property
    def mean_length(self) -> float:
        return sum(len(text) * count for text, count in self.counts.items()) / self.filled if self.filled else 0.0

    @property
    def is_closed_list(self) -> bool:
        """A small alphabet whose values come back: at most 150 spellings, each seen twice or more on average."""
        return 0 < self.distinct <= 150 and self.repetition >= 0.5 and self.mean_length <= 60

    @property
    def is_free_text(self) -> bool:
        return self.filled > 0 and self.mean_length > 25 and self.repetition < 0.5

    @property
    def typical_format(self) -> str | None:
        return self.dates[0].format if self.dates else None
