"""Every published figure as an unknown: what its displayed value, or its symbol, says of it by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from synchro.attack.reading import MONTH, Vintage
from synchro.errors import SynchroError

# The number, from 0, of the vintage in which a month first read as it does.
ORIGIN = "origin"
SUFFIX = "_status"
SHOWN, PROTECTED = "shown", "protected"
# A cell that is empty for one of these reasons is not a secret: nobody has the figure, or not at this level.
NO_SECRET = ("not_delivered", "not_collected", "not_yet_known", "not_published")


@dataclass(frozen=True)
class Figures:
    """The figures of all vintages, each once.

    `tables`: rows with their dimensions and `origin`; `numbers[table, column]` (rows,): the unknown of each row;
    `low`, `high`, `is_shown`, `is_hidden` (unknowns,); `displayed` is nan where nothing is shown.
    """

    tables: dict[str, pd.DataFrame]
    dimensions: dict[str, list[str]]
    numbers: dict[tuple[str, str], np.ndarray]
    low: np.ndarray
    high: np.ndarray
    displayed: np.ndarray
    is_shown: np.ndarray
    is_hidden: np.ndarray
    symbols: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many unknowns there are."""
        return len(self.low)


def read_figures(vintages: Sequence[Vintage]) -> Figures:
    """The counts of all vintages; a month that reads the same in a later vintage is the same figures again.

    Raises SynchroError NO_FIGURES where no table has any.
    """
    dimensions = {name: _dimensions(vintages, name) for name in _count_tables(vintages)}
    if not dimensions:
        raise SynchroError("NO_FIGURES", "Aucun effectif dans ces publications : il n'y a rien à attaquer")
    tables = _distinct_months(vintages, dimensions)
    parameters = vintages[-1].disclosure["parameters"]
    numbers, parts, symbols, start = {}, [], set(), 0
    for name, frame in tables.items():
        for column in _counts(vintages, name):
            numbers[name, column] = np.arange(start, start + len(frame))
            start += len(frame)
            values = frame[column].astype("float64").to_numpy()
            statuses = _statuses(frame, column)
            symbols |= set(statuses[np.isnan(values)])
            parts.append((*_bounds(values, parameters), values, ~np.isin(statuses, NO_SECRET)))
    low, high, displayed, has_secret = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    is_shown = ~np.isnan(displayed)
    symbols -= set(NO_SECRET)
    return Figures(
        tables, dimensions, numbers, low, high, displayed, is_shown, ~is_shown & has_secret, tuple(sorted(symbols))
    )


def _count_tables(vintages: Sequence[Vintage]) -> list[str]:
    return sorted({name for vintage in vintages for name in vintage.count_tables})


def _counts(vintages: Sequence[Vintage], table: str) -> list[str]:
    published = (vintage.columns_of(table, "count") for vintage in vintages if table in vintage.tables)
    return list(dict.fromkeys(column for columns in published for column in columns))


def _dimensions(vintages: Sequence[Vintage], table: str) -> list[str]:
    return next(vintage.columns_of(table, "dimension") for vintage in vintages if table in vintage.tables)


def _distinct_months(vintages: Sequence[Vintage], dimensions: dict[str, list[str]]) -> dict[str, pd.DataFrame]:
    """The rows of each month, from the first vintage of each of its readings (a month is one over all tables)."""
    read: dict[pd.Timestamp, dict[str, int]] = {}
    kept: dict[str, list[pd.DataFrame]] = {name: [] for name in dimensions}
    for origin, vintage in enumerate(vintages):
        present = [name for name in dimensions if name in vintage.tables]
        prints = pd.DataFrame({name: _fingerprints(vintage, name, dimensions[name]) for name in present})
        new = [month for month, row in prints.iterrows() if read.get(month) != row.to_dict()]
        read |= {month: prints.loc[month].to_dict() for month in new}
        for name in present:
            frame = vintage.tables[name]
            kept[name].append(frame[frame[MONTH].isin(new)].assign(**{ORIGIN: origin}))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in kept.items()}


def _fingerprints(vintage: Vintage, table: str, dimensions: list[str]) -> pd.Series:
    """Of what each month of a table shows, whatever the order of its rows."""
    frame = vintage.tables[table]
    counts = vintage.columns_of(table, "count")
    shown = frame[[*dimensions, *counts]].astype("str")
    shown = shown.assign(**{column + SUFFIX: _statuses(frame, column) for column in counts})
    return pd.util.hash_pandas_object(shown, index=False).groupby(frame[MONTH]).sum()


def _statuses(frame: pd.DataFrame, column: str) -> np.ndarray:
    if column + SUFFIX in frame:
        return frame[column + SUFFIX].astype("object").to_numpy()
    return np.where(frame[column].notna(), SHOWN, PROTECTED).astype("object")


def _bounds(values: np.ndarray, parameters: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """A multiple of the base is a rounded count, never under the threshold; anything else is the count itself."""
    half = (parameters["rounding_base"] - 1) // 2
    is_rounded = (values % parameters["rounding_base"] == 0) & (values > 0)
    low = np.where(is_rounded, np.maximum(parameters["threshold"], values - half), values)
    high = np.where(is_rounded, values + half, values)
    return np.nan_to_num(low, nan=0.0), np.nan_to_num(high, nan=np.inf)
