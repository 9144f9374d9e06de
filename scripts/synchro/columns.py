"""Columns as distinct values and codes: each distinct text is handled once, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa


@dataclass(frozen=True)
class Coded:
    """A column of n texts: `codes` (n int64, -1 for null) index `values` (distinct texts)."""

    codes: np.ndarray
    values: list[str]

    @classmethod
    def from_arrow(cls, column: pa.Array | pa.ChunkedArray) -> Coded:
        if isinstance(column, pa.ChunkedArray):
            column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
            column = column.combine_chunks()
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0)
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(codes, column.dictionary.to_pylist())

    @classmethod
    def from_list(cls, texts: Sequence[str | None]) -> Coded:
        return cls.from_arrow(pa.array(texts, pa.string()))

    @classmethod
    def nulls(cls, rows: int) -> Coded:
        return cls(np.full(rows, -1, dtype=np.int64), [])

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def is_null(self) -> np.ndarray:
        return self.codes < 0

    def replace(self, values: Iterable[str | None]) -> Coded:
        """The same rows with each distinct value replaced; equal replacements become one value."""
        seen: dict[str, int] = {}
        # The extra last entry is what the code -1 picks: null stays null.
        new = [-1 if value is None else seen.setdefault(value, len(seen)) for value in values]
        return Coded(np.array([*new, -1], dtype=np.int64)[self.codes], list(seen))

    def map(self, function: Callable[[str], str | None]) -> Coded:
        return self.replace(map(function, self.values))

    def take(self, rows: np.ndarray) -> Coded:
        return Coded(self.codes[rows], self.values)

    def compact(self) -> Coded:
        """The same rows without the values that no row has."""
        is_used = np.zeros(len(self.values) + 1, dtype=bool)
        is_used[self.codes] = True
        if is_used[:-1].all():
            return self
        return self.replace(value if used else None for value, used in zip(self.values, is_used[:-1], strict=True))

    def flags(self, flagged: Iterable[bool]) -> np.ndarray:
        """One boolean a row from one boolean a distinct value; False for nulls."""
        return np.array([*flagged, False], dtype=bool)[self.codes]

    def to_arrow(self) -> pa.Array:
        """As text. Built on the dictionary, so a text is copied by Arrow and never by Python."""
        return pa.DictionaryArray.from_arrays(
            pa.array(self.codes, mask=self.is_null), pa.array(self.values, pa.string())
        )


def joint(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct combinations of several code columns (n int64 each, -1 for null).

    Returns (codes of n rows, first row of each combination), combinations in order of appearance.
    """
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1
    for codes in columns:
        radix = int(codes.max(initial=-1)) + 2
        if size * radix >= 2**62:
            combined, uniques = pd.factorize(combined)
            size = len(uniques)
        combined = combined * radix + (codes + 1)
        size *= radix
    codes, uniques = pd.factorize(combined)
    first = np.empty(len(uniques), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, first
