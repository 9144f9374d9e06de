"""active(t) = active(t-1) + inflow - outflow on territories of several sizes and seeds, added up again in pandas.

The territories are landed as any other. Their models are those that dbt compiled for the session's territory, run
one after the other by DuckDB: the same SQL, without the minutes that six builds by dbt would take.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from graphlib import TopologicalSorter
from typing import Any

import duckdb
import pandas as pd
import pytest

from conftest import Territory, settings_in
from synchro.landing import land
from synchro.settings import Settings
from synchro.simulate import simulate

SIZES = [(25, 9), (80, 6)]
SEEDS = [1, 2, 3]
SEGMENT_TYPES = {
    "person": ["total", "household_type", "age_band", "sex", "situation", "commune"],
    "household": ["total", "household_type", "situation", "commune"],
}


@pytest.fixture(scope="module", params=[(*size, seed) for size in SIZES for seed in SEEDS], ids=str)
def unit_months(
    request: pytest.FixtureRequest, territory: Territory, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    """Months of persons and of households of one small territory."""
    persons, months, seed = request.param
    folder = tmp_path_factory.mktemp("closing")
    settings = settings_in(folder)
    settings.keys.parent.mkdir(parents=True)
    shutil.copy2(territory.settings.keys, settings.keys)
    simulate(folder / "territory", persons=persons, months=months, seed=seed)
    land(folder / "territory" / "inbox", settings)
    with closing(duckdb.connect()) as connection:
        _build(connection, settings, territory)
        return {unit: connection.sql(f"from compiled.fct_{unit}_months").df() for unit in SEGMENT_TYPES}


def _build(connection: duckdb.DuckDBPyConnection, settings: Settings, territory: Territory) -> None:
    """Run what the months of persons and households rest on; seeds are those of the session's territory."""
    manifest = json.loads((territory.target / "manifest.json").read_text(encoding="utf-8"))
    nodes = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
    needed = _ancestors(nodes, [f"model.synchro.fct_{unit}_months" for unit in SEGMENT_TYPES])
    connection.execute(f"attach '{settings.warehouse}' as synchro; attach '{settings.vault}' as vault")
    connection.execute(f"attach '{territory.settings.warehouse}' as built (read_only); use synchro")
    for node in needed:
        database, schema, name = node["database"], node["schema"], node["alias"]
        sql = node.get("compiled_code") or f"from built.{schema}.{name}"
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        connection.execute(f"create schema if not exists {database}.{schema}")
        connection.execute(f"create {kind} {database}.{schema}.{name} as {sql}")


def _ancestors(nodes: dict[str, Any], wanted: list[str]) -> list[dict[str, Any]]:
    """The nodes that these rest on, and they, each after what it reads; sources are landed and left out."""
    parents: dict[str, list[str]] = {}
    while wanted:
        name = wanted.pop()
        # A seed rests on no node.
        parents[name] = [parent for parent in nodes[name]["depends_on"].get("nodes", []) if parent in nodes]
        wanted += [parent for parent in parents[name] if parent not in parents]
    return [nodes[name] for name in TopologicalSorter(parents).static_order()]


def _with_month_before(months: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Each unit's month beside the month before it, whichever of the two exists; `_before` is the month before."""
    months = months.assign(total="total", month=months.reference_month.dt.to_period("M"))
    key = [f"{unit}_id", "month"]
    before = months[[*key, "is_active", *SEGMENT_TYPES[unit]]].assign(month=months.month + 1)
    both = months.merge(before, on=key, how="outer", suffixes=("", "_before"), validate="one_to_one")
    return both[both.month <= months.month.max()]


@pytest.mark.parametrize("unit", SEGMENT_TYPES)
def test_flows_close_in_every_month_and_segment(unit_months: dict[str, pd.DataFrame], unit: str) -> None:
    rows = _with_month_before(unit_months[unit], unit)
    is_active, was_active = rows.is_active.eq(True), rows.is_active_before.eq(True)
    came, left = rows.inflow_type.notna(), rows.outflow_type.notna()
    assert came.sum() > 20
    assert left.sum() > 10
    for segment_type in SEGMENT_TYPES[unit]:
        segment, segment_before = rows[segment_type], rows[f"{segment_type}_before"]
        moved = is_active & was_active & segment.ne(segment_before)
        # What left counts where it was; a segment that changes is a movement of its own.
        movements = [
            (was_active, segment_before, 1),
            (came, segment, 1),
            (left, segment_before, -1),
            (moved, segment, 1),
            (moved, segment_before, -1),
            (is_active, segment, -1),
        ]
        gaps = pd.concat(
            pd.DataFrame({"month": rows.month, "segment": where, "gap": sign})[chosen]
            for chosen, where, sign in movements
        )
        assert gaps.segment.notna().all()
        gaps = gaps.groupby(["month", "segment"]).gap.sum()
        assert gaps[gaps != 0].empty, segment_type
    # The identity would close on nothing at all: the stock is that of the persons or households listed.
    assert rows[is_active].groupby("month").size().gt(0).all()
