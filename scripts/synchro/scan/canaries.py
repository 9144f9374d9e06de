"""Exact counts that the publisher gives the scan to look for: runs of them that no rounding could have written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from synchro.scan.rules import Rules

Run = tuple[int, ...]


def exact_runs(tables: Mapping[str, pd.DataFrame], rules: Rules) -> Iterator[Run]:
    """The counts of each row of the exact tables, and those of each of their cells month after month."""
    for name, frame in tables.items():
        counts = [rule["column"] for rule in rules.columns(name, "count") if rule["column"] in frame]
        if not counts or "reference_month" not in frame:
            continue
        yield from frame[counts].fillna(0).astype("int64").itertuples(index=False, name=None)
        others = [rule["column"] for rule in rules.columns(name, "dimension") if rule["column"] != "reference_month"]
        for _, cell in frame.sort_values("reference_month").groupby(others, sort=False):
            yield from (tuple(cell[column].fillna(0).astype("int64")) for column in counts)


def telling(runs: Sequence[Run], rules: Rules) -> list[Run]:
    """What is left of runs without the values that may be displayed: each, met in a row, comes from exact figures."""
    left = (tuple(int(value) for value in run if value > 0 and not rules.is_displayable(value)) for run in runs)
    return sorted({run for run in left if len(run) > 1})
