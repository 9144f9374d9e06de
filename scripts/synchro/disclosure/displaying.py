"""From exact values and statuses to what a page shows: rounded counts, and shares made of rounded counts only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from synchro.disclosure.protect import rounded
from synchro.disclosure.specification import PublicColumn, Specification
from synchro.disclosure.statuses import NOT_YET_KNOWN, PROTECTED, SHOWN, with_statuses


def displayed(
    frame: pd.DataFrame, table_name: str, specification: Specification, statuses: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """The public rows of a table of figures or estimates: dimensions, labels, measures with their statuses.

    `frame` is exact; `statuses[column]` is the status of every measure, protected counts included.
    """
    new = frame[[column.column_name for column in specification.columns_of(table_name)]].copy()
    codes = {name: own.copy() for name, own in statuses.items()}
    for column in specification.columns_of(table_name, "count"):
        counts = new[column.column_name].astype("Int64")
        new[column.column_name] = rounded(counts, specification.parameters.rounding_base).where(
            codes[column.column_name] == SHOWN
        )
    for column in specification.columns_of(table_name, "share"):
        codes[column.column_name] = _share(new, column, codes)
    for column in specification.columns_of(table_name, "statistic"):
        codes[column.column_name] = _statistic(new, frame, column, specification, codes)
    for column in specification.columns_of(table_name, "estimate"):
        codes[column.column_name] = _estimate(new, column, specification, codes)
    return with_statuses(new, codes)


def _share(new: pd.DataFrame, column: PublicColumn, codes: dict[str, np.ndarray]) -> np.ndarray:
    """Whole percents of shown over shown; never 100, which would speak of everyone."""
    name, numerator, denominator = column.column_name, column.numerator, column.denominator
    statuses = np.where(codes[numerator] == SHOWN, codes[denominator], codes[numerator])
    tops = new[numerator].astype("Float64")
    bottoms = new[denominator].astype("Float64")
    percents = (100 * tops / bottoms.where(bottoms > 0)).round()
    is_whole = (percents >= 100) | percents.isna()
    new[name] = (percents / 100).astype("Float64")
    return np.where((statuses == SHOWN) & is_whole.to_numpy(dtype=bool), PROTECTED, statuses)


def _statistic(
    new: pd.DataFrame,
    frame: pd.DataFrame,
    column: PublicColumn,
    specification: Specification,
    codes: dict[str, np.ndarray],
) -> np.ndarray:
    """A median in bands of `step`, with enough persons on each side."""
    name, step = column.column_name, float(column.step)
    least = 2 * specification.parameters.quantile_side
    enough = np.logical_and.reduce([frame[counted].fillna(0) >= least for counted in column.counted.split()])
    new[name] = np.floor(new[name].astype("Float64") / step + 0.5) * step
    # Too few to say so comes first: that nothing is known yet would already tell of the few.
    of_few = ~enough & np.isin(codes[name], (SHOWN, NOT_YET_KNOWN))
    return np.where(of_few, PROTECTED, codes[name])


def _estimate(
    new: pd.DataFrame, column: PublicColumn, specification: Specification, codes: dict[str, np.ndarray]
) -> np.ndarray:
    """An expected count: rounded like a count, hidden like one."""
    name, step = column.column_name, float(column.step)
    values = new[name].astype("Float64")
    small = (values < specification.parameters.display_from).fillna(True).to_numpy(dtype=bool)
    new[name] = np.floor(values / step + 0.5) * step
    return np.where((codes[name] == SHOWN) & small, PROTECTED, codes[name])
