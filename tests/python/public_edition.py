"""A public publication made of invented persons, in the published format: what attack and scan are tested on.

The counting and the protection are stand-ins, short and slow: the tests need to know the truth and to spoil it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synchro.attack.figures import read_figures
from synchro.attack.reading import Vintage
from synchro.attack.system import attacker

PARAMETERS = {
    "threshold": 11,
    "display_from": 13,
    "rounding_base": 5,
    "least_candidates": 5,
    "largest_low_maximum": 2,
}
CODES = {
    "sex": ["female", "male"],
    "age_band": ["0_17", "18_24", "25_49", "50_plus"],
    "commune": ["21003", "21105", "21231", "21540"],
    "situation": ["street", "shelter", "hotel"],
}
SHARES = {
    "sex": [0.4, 0.6],
    "age_band": [0.25, 0.12, 0.43, 0.2],
    "commune": [0.08, 0.02, 0.7, 0.2],
    "situation": [0.15, 0.6, 0.25],
}
FLOWS, PROFILES, DURATIONS = "ind_monthly_flows", "ind_profiles", "ind_durations"
IN_TYPES, OUT_TYPES = (
    ("inflow_newly_identified", "inflow_returned_from_inactive"),
    ("outflow_own_housing", "outflow_inactive"),
)
MONTHS = pd.date_range("2025-01-01", periods=6, freq="MS")
CROSSINGS = [*((axis, "total") for axis in ("total", *CODES)), ("age_band", "sex"), ("age_band", "situation")]
SEGMENTS = ["reference_month", "unit", "segment_type", "segment"]
CROSSED = ["unit", "reference_month", "segment_type", "segment", "crossed_type", "crossed_segment"]


def _columns(table: str, dimensions: list[str], counts: list[str]) -> Iterator[dict[str, str]]:
    blank = dict.fromkeys(("numerator", "denominator", "counted", "step", "scope", "zero_where"), "")
    yield from ({"table": table, "column": name, "role": "dimension", **blank} for name in dimensions)
    yield from ({"table": table, "column": name, "role": "count", **blank} for name in counts)


def _relation(kind: str, table: str, column: str, **more: str) -> dict[str, str]:
    blank = dict.fromkeys(("terms", "over", "total", "other_table", "other_column", "other_where"), "")
    return {"relation": f"{kind}_{table}_{column}", "kind": kind, "table": table, "column": column, **blank, **more}


def _over(table: str, column: str, over: str = "segment_type,segment") -> dict[str, str]:
    return _relation("over", table, column, over=over, total="total")


COUNTS = {
    FLOWS: ["active_end", "inflow", "outflow", *IN_TYPES, *OUT_TYPES],
    PROFILES: ["active_count", "denominator"],
    DURATIONS: ["known_count", "over_6_months_count", "over_12_months_count"],
}
DISCLOSURE: dict[str, Any] = {
    "parameters": PARAMETERS,
    "tables": [{"table_name": name, "kind": "figures"} for name in COUNTS]
    + [{"table_name": "voc_sex", "kind": "reference"}],
    "columns": [
        *_columns(FLOWS, SEGMENTS, COUNTS[FLOWS]),
        *_columns(PROFILES, CROSSED, COUNTS[PROFILES]),
        *_columns(DURATIONS, SEGMENTS, COUNTS[DURATIONS]),
        {
            **next(_columns(PROFILES, ["active_share"], [])),
            "role": "share",
            "numerator": "active_count",
            "denominator": "denominator",
        },
    ],
    "axes": [
        *(
            {"table_name": table, "unit": "person", "segment_type": axis, "crossed_type": ""}
            for table in (FLOWS, DURATIONS)
            for axis in ("total", *CODES)
        ),
        *(
            {"table_name": PROFILES, "unit": "person", "segment_type": axis, "crossed_type": crossed}
            for axis, crossed in CROSSINGS
        ),
    ],
    "relations": [
        _relation("row", FLOWS, "inflow", terms=" ".join(f"+{name}" for name in IN_TYPES)),
        _relation("row", FLOWS, "outflow", terms=" ".join(f"+{name}" for name in OUT_TYPES)),
        _relation("balance", FLOWS, "active_end", terms="+inflow -outflow"),
        *(_over(FLOWS, name) for name in ("active_end", "inflow", "outflow")),
        *(_over(DURATIONS, name) for name in COUNTS[DURATIONS]),
        _over(PROFILES, "active_count"),
        _over(PROFILES, "active_count", "crossed_type,crossed_segment"),
        _relation("cross", PROFILES, "active_count"),
        _relation("at_most", DURATIONS, "over_6_months_count", terms="known_count"),
        _relation("at_most", DURATIONS, "over_12_months_count", terms="over_6_months_count"),
        _relation("same", DURATIONS, "known_count", other_table=FLOWS, other_column="active_end"),
        _relation(
            *("same", FLOWS, "active_end"),
            other_table=PROFILES,
            other_column="active_count",
            other_where="crossed_type=total",
        ),
    ],
}


def persons(seed: int, size: int = 500) -> pd.DataFrame:
    """One row per person and month on the list: segments, flows and months since the start."""
    random = np.random.default_rng(seed)
    start = np.maximum(random.integers(-18, len(MONTHS), size), -18)
    length = random.geometric(0.06, size)
    fixed = {name: random.choice(CODES[name], size, p=SHARES[name]) for name in ("sex", "age_band", "commune")}
    kinds = random.choice(OUT_TYPES, size, p=[0.6, 0.4])
    arrivals = random.choice(IN_TYPES, size, p=[0.8, 0.2])
    rows = []
    for person, month in product(range(size), range(len(MONTHS))):
        age, is_last = month - start[person], month == start[person] + length[person]
        if age < 0 or month > start[person] + length[person] or (is_last and month == 0):
            continue
        is_new = month == 0 or age == 0
        rows.append(
            {
                "reference_month": MONTHS[month],
                **{name: values[person] for name, values in fixed.items()},
                "situation": random.choice(CODES["situation"], p=SHARES["situation"]),
                "active_end": not is_last,
                "inflow": is_new,
                **{name: is_new and arrivals[person] == name for name in IN_TYPES},
                "outflow": is_last,
                **{name: is_last and kinds[person] == name for name in OUT_TYPES},
                "known_count": not is_last,
                "over_6_months_count": not is_last and age > 6,
                "over_12_months_count": not is_last and age > 12,
            }
        )
    return pd.DataFrame(rows)


def exact_tables(list_of_persons: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The true tables on their complete grids."""
    axes = ["total", *CODES]
    with_total = list_of_persons.assign(total="total", unit="person")
    flows = pd.concat(_counted(with_total, [axis], SEGMENTS, COUNTS[FLOWS]) for axis in axes)
    durations = pd.concat(_counted(with_total, [axis], SEGMENTS, COUNTS[DURATIONS]) for axis in axes)
    stock = with_total.assign(active_count=with_total["active_end"])
    profiles = pd.concat(_counted(stock, list(pair), CROSSED, ["active_count"]) for pair in CROSSINGS)
    whole = profiles.loc[profiles["segment_type"] == "total"].set_index("reference_month")["active_count"]
    profiles["denominator"] = profiles["reference_month"].map(whole)
    profiles["active_share"] = profiles["active_count"] / profiles["denominator"]
    tables = {FLOWS: flows, PROFILES: profiles, DURATIONS: durations}
    return {name: frame.reset_index(drop=True) for name, frame in tables.items()}


def _counted(rows: pd.DataFrame, axes: list[str], dimensions: list[str], counts: list[str]) -> pd.DataFrame:
    keys = ["reference_month", *dict.fromkeys(axes)]
    codes = [MONTHS, *(CODES.get(axis, ["total"]) for axis in keys[1:])]
    grid = pd.MultiIndex.from_product(codes, names=keys)
    counted = rows.groupby(keys)[counts].sum().reindex(grid, fill_value=0).astype("int64").reset_index()
    places = zip(("segment", "crossed_segment"), axes, strict=False)
    for place, axis in places:
        counted[place] = counted[axis]
        counted[place.replace("segment", "type") if "_" in place else "segment_type"] = axis
    return counted.assign(unit="person")[[*dimensions, *counts]]


def displayed(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Rounded and hidden by the rules, cell by cell; complementary suppression is for `protected`."""
    public = {}
    for name, exact in tables.items():
        frame = exact.copy()
        for column in COUNTS[name]:
            is_in_scope = (frame["segment_type"] == "total") | (column not in (*IN_TYPES, *OUT_TYPES))
            is_shown = is_in_scope & (frame[column] >= PARAMETERS["display_from"])
            frame[f"{column}_status"] = np.where(
                is_shown, "shown", np.where(is_in_scope, "protected", "not_published")
            )
            frame[column] = (5 * np.floor(frame[column] / 5 + 0.5)).astype("Int64").where(is_shown)
        public[name] = with_shares(frame) if name == PROFILES else frame
    return public


def with_shares(profiles: pd.DataFrame) -> pd.DataFrame:
    """Whole percents of displayed over displayed, none at a hundred."""
    percents = (100 * profiles["active_count"].astype("Float64") / profiles["denominator"].astype("Float64")).round()
    is_shown = (percents < 100).fillna(False)
    return profiles.assign(
        active_share=(percents / 100).where(is_shown), active_share_status=np.where(is_shown, "shown", "protected")
    )


def protected(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """`displayed`, then for each figure given away the smallest shown one of its lines hidden, until none is."""
    public = displayed(tables)
    while True:
        vintages = [Vintage("draft", dict(public), DISCLOSURE)]
        figures = read_figures(vintages)
        system = attacker(figures, vintages, figures.low, figures.high, assume_unrevised=False)
        targets = np.flatnonzero(figures.is_hidden)
        unsafe = targets[~system.ranges(targets, PARAMETERS["least_candidates"]).is_safe]
        if not len(unsafe):
            return public
        lines = system.equal.matrix(figures.count)
        chosen = set()
        for cell in unsafe:
            beside = np.unique(lines[np.flatnonzero(lines[:, [cell]].toarray().ravel())].indices)
            beside = beside[figures.is_shown[beside] & (figures.displayed[beside] > 0)]
            chosen.add(beside[np.argmin(figures.displayed[beside])])
        for (table, column), numbers in figures.numbers.items():
            for row in np.flatnonzero(np.isin(numbers, list(chosen))):
                dimensions = figures.tables[table].loc[row, figures.dimensions[table]]
                hide(public, table, column, **dimensions)


def hide(tables: dict[str, pd.DataFrame], table: str, column: str, **where: Any) -> None:
    """Protect the cells of a column whose dimensions are these."""
    frame = tables[table]
    rows = np.logical_and.reduce([frame[name] == value for name, value in where.items()])
    frame.loc[rows, column] = pd.NA
    frame.loc[rows, f"{column}_status"] = "protected"
    if table == PROFILES:
        tables[table] = with_shares(frame)


def write_edition(
    folder: Path, tables: Mapping[str, pd.DataFrame], disclosure: Mapping[str, Any] = DISCLOSURE
) -> Path:
    """The publication as a citizen downloads it."""
    data = folder / "data" / "synchro"
    data.mkdir(parents=True)
    for name, frame in tables.items():
        frame.to_parquet(data / f"{name}.parquet", index=False)
    dictionary = {"audience": "public", "is_synthetic": True, "territory": "essai", "disclosure": disclosure}
    (folder / "dictionary.json").write_text(json.dumps(dictionary, ensure_ascii=False, indent=2), encoding="utf-8")
    (folder / "README.txt").write_text("SYNCHRØ – publication « public »\nDONNÉES FICTIVES\n", encoding="utf-8")
    return folder
