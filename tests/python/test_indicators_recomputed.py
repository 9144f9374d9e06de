"""Each indicator of flows computed again in pandas, from the compiled and harmonised tables alone, for one month."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from conftest import Territory

SEGMENT_TYPES = {
    "person": ["total", "household_type", "age_band", "sex", "situation", "commune"],
    "household": ["total", "household_type", "situation", "commune"],
}
HOUSING = ["own_housing", "supported_housing"]
UNITS = pytest.mark.parametrize("unit", ["person", "household"])


@pytest.fixture(scope="module")
def warehouse(territory: Territory) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(territory.settings.warehouse), read_only=True) as connection:
        yield connection


def _table(warehouse: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    return warehouse.sql(f"from {name}").df()


def _months(warehouse: duckdb.DuckDBPyConnection) -> list[pd.Timestamp]:
    months = _table(warehouse, "compiled.dim_months")
    return sorted(months[~months.is_opening].reference_month)


def _unit_months(warehouse: duckdb.DuckDBPyConnection, unit: str) -> pd.DataFrame:
    """Months of persons or households, each with what the month before said (`before_...`)."""
    months = _table(warehouse, f"compiled.fct_{unit}_months").rename(
        columns={f"{unit}_id": "unit_id", "homeless_since_date": "since_date"}
    )
    months = months.assign(total="total").sort_values(["unit_id", "reference_month"])
    before = months.groupby("unit_id")[["is_active", *SEGMENT_TYPES[unit]]].shift()
    months = months.join(before.add_prefix("before_"))
    months["before_is_active"] = months.before_is_active.eq(True)
    return months


def _published(
    warehouse: duckdb.DuckDBPyConnection, table: str, unit: str, month: pd.Timestamp, key: list[str]
) -> pd.DataFrame:
    rows = _table(warehouse, f"indicators.{table}")
    rows = rows[(rows.unit == unit) & (rows.reference_month == month)]
    return rows.set_index(["segment_type", "segment", *key]).sort_index()


def _counts(frame: pd.DataFrame, unit: str, prefix: str = "") -> pd.Series:
    """How many rows of `frame` are in each segment of each type."""
    counts = {kind: frame[prefix + kind].value_counts() for kind in SEGMENT_TYPES[unit]}
    return pd.concat(counts, names=["segment_type", "segment"])


@UNITS
def test_flows(warehouse: duckdb.DuckDBPyConnection, unit: str) -> None:
    month = _months(warehouse)[-1]
    rows = _unit_months(warehouse, unit)
    rows = rows[rows.reference_month == month]
    published = _published(warehouse, "ind_monthly_flows", unit, month, [])
    came = rows[rows.is_active & ~rows.before_is_active]
    left = rows[~rows.is_active & rows.before_is_active]
    expected = {
        "active_start": _counts(rows[rows.before_is_active], unit, "before_"),
        "inflow": _counts(came, unit),
        "outflow": _counts(left, unit, "before_"),
        "outflow_inactive": _counts(left[left.outflow_type == "inactive"], unit, "before_"),
        "inflow_newly_identified": _counts(came[came.inflow_type == "newly_identified"], unit),
        "active_end": _counts(rows[rows.is_active], unit),
    }
    assert published.active_end.sum() > 0
    for measure, counts in expected.items():
        counted = counts.reindex(published.index, fill_value=0)
        assert counted.sum() == counts.sum()
        assert published[measure].tolist() == counted.tolist(), measure


def _median(spells: pd.DataFrame) -> float:
    """First day on which the product-limit estimate is a half or less; nan where fewer than 5 are at risk by then."""
    left = 1.0
    for day in sorted(spells.duration[spells.ended].unique()):
        at_risk = ((spells.entry < day) & (spells.duration >= day)).sum()
        if at_risk < 5:
            break
        left *= 1 - (spells.ended & (spells.duration == day)).sum() / at_risk
        if left <= 0.5:
            return day
    return np.nan


def _watched(spells: pd.DataFrame, first_day: pd.Timestamp | pd.Series, until: pd.Timestamp) -> pd.DataFrame:
    """Spells (start, end, known_until, is_end) as watched from a first day to the end of a month."""
    spells = spells[spells.start <= until]
    is_over = spells.end <= until
    stop = spells.end.where(is_over, spells.known_until + pd.Timedelta(days=1))
    spells = spells.assign(
        duration=(stop - spells.start).dt.days,
        entry=(first_day - spells.start).dt.days.clip(lower=0),
        ended=is_over & spells.is_end,
    )
    return spells[spells.duration > spells.entry]


def _known_until(warehouse: duckdb.DuckDBPyConnection, month: pd.Timestamp) -> pd.Series:
    """By person: the month's end, or the day last seen of who is lost from sight."""
    rows = _table(warehouse, "compiled.fct_person_months")
    rows = rows[rows.reference_month == month].set_index("person_id")
    return rows.month_end.where(rows.status != "inactive", rows.last_seen_date)


@UNITS
def test_durations(warehouse: duckdb.DuckDBPyConnection, unit: str) -> None:
    months = _months(warehouse)
    month_end = months[-1] + pd.offsets.MonthEnd(0)
    rows = _unit_months(warehouse, unit)
    active = rows[(rows.reference_month == months[-1]) & rows.is_active]
    published = _published(warehouse, "ind_durations", unit, months[-1], [])
    days = (month_end - active.since_date).dt.days + 1
    for (kind, segment), row in published.iterrows():
        inside = active[kind] == segment
        assert row.active_count == inside.sum()
        assert row.elapsed_days == days[inside].sum()
        for count in (6, 12, 24):
            long = active.since_date[inside] + pd.DateOffset(months=count) <= month_end
            assert row[f"over_{count}_months_count"] == long.sum()
            if inside.any():
                assert row[f"over_{count}_months_share"] == pytest.approx(long.mean(), abs=1e-4)
    episodes = _table(warehouse, "compiled.fct_episodes" if unit == "person" else "compiled.fct_household_episodes")
    known = _known_until(warehouse, months[-1])
    spells = pd.DataFrame(
        {
            "start": episodes.start_date,
            "end": episodes.end_date,
            "known_until": episodes.person_id.map(known) if unit == "person" else month_end,
            "is_end": episodes.end_type.notna() & ~episodes.end_type.isin(["inactive", "household_dissolved"]),
        }
    )
    formed = episodes.get("formed_month", pd.Series(months[0], episodes.index))
    watched = _watched(spells, formed.fillna(months[0]).clip(lower=months[0]), month_end)
    total = published.loc[("total", "total")]
    assert (total.spell_count, total.event_count) == (len(watched), watched.ended.sum())
    assert total.median_days == pytest.approx(_median(watched), nan_ok=True)


def test_time_to_housing(warehouse: duckdb.DuckDBPyConnection) -> None:
    months = _months(warehouse)
    month_end = months[-1] + pd.offsets.MonthEnd(0)
    person_of = _table(warehouse, "compiled.bridge_person_records").set_index("record_id").person_id
    requests = _table(warehouse, "harmonised.hrm_requests")
    start = requests.groupby(requests.record_id.map(person_of)).request_date.min()
    known = _known_until(warehouse, months[-1])
    start = start[start.index.isin(known.index)]
    evidence = _table(warehouse, "compiled.fct_evidence")
    over = evidence.is_housed | evidence.situation.isin(["left_territory", "deceased"])
    evidence = evidence[over & ~evidence.is_overruled]
    evidence = evidence[evidence.start_date > evidence.person_id.map(start)]
    evidence = evidence.sort_values(["start_date", "is_housed"], ascending=[True, False])
    first = evidence.drop_duplicates("person_id").set_index("person_id")
    spells = pd.DataFrame(
        {
            "start": start,
            "end": first.start_date.reindex(start.index),
            "known_until": known.reindex(start.index),
            "is_end": first.is_housed.reindex(start.index).eq(True),
        }
    )
    watched = _watched(spells, months[0], month_end)
    row = _published(warehouse, "ind_time_to_housing", "person", months[-1], []).loc[("total", "total")]
    assert (row.request_count, row.housed_count) == (len(watched), watched.ended.sum())
    assert row.housed_count > 0
    assert row.median_days == pytest.approx(_median(watched), nan_ok=True)


@UNITS
def test_returns(warehouse: duckdb.DuckDBPyConnection, unit: str) -> None:
    months = _months(warehouse)
    cohort_month = months[-4]
    rows = _unit_months(warehouse, unit)
    housed = rows[(rows.reference_month == cohort_month) & rows.outflow_type.isin(HOUSING)]
    later = rows[rows.is_active & (rows.reference_month > cohort_month)]
    published = _published(warehouse, "ind_returns", unit, cohort_month, ["horizon_months"])
    assert len(housed) > 0
    for (kind, segment, horizon), row in published.iterrows():
        cohort = housed.unit_id[housed[f"before_{kind}"] == segment]
        assert row.housed_count == len(cohort)
        if horizon > 3:
            assert pd.isna([row.followed_count, row.returned_count, row.returned_share]).all()
        else:
            assert (row.followed_count, row.returned_count) == (len(cohort), cohort.isin(later.unit_id).sum())


@UNITS
def test_trajectories(warehouse: duckdb.DuckDBPyConnection, unit: str) -> None:
    month = _months(warehouse)[-1]
    rows = _unit_months(warehouse, unit)
    rows = rows[(rows.reference_month == month) & (rows.is_active | rows.before_is_active)]
    rows = rows.assign(
        origin=rows.before_situation.where(rows.before_is_active, rows.inflow_type),
        destination=rows.situation.where(rows.is_active, rows.outflow_type),
    )
    published = _published(warehouse, "ind_trajectories", unit, month, ["from_state", "to_state"])
    for kind in (kind for kind in SEGMENT_TYPES[unit] if kind != "situation"):
        segment = rows[f"before_{kind}"].where(rows.before_is_active, rows[kind])
        expected = rows.groupby([segment, "origin", "destination"]).size()
        moves = published.loc[kind].move_count
        assert moves.to_dict() == expected.to_dict()
    matrix = pd.crosstab(rows.origin, rows.destination, normalize="index").stack()
    shares = published.loc[("total", "total")].from_share
    np.testing.assert_allclose(shares, matrix.loc[shares.index], atol=1e-4)


@UNITS
def test_functional_zero(warehouse: duckdb.DuckDBPyConnection, unit: str) -> None:
    months = _months(warehouse)
    rows = _unit_months(warehouse, unit)
    placed = rows[rows.outflow_type.isin(HOUSING) & rows.reference_month.isin(months[1:][-6:])]
    observed = len(months[1:][-6:])
    published = _published(warehouse, "ind_functional_zero", unit, months[-1], [])
    placements = _counts(placed, unit, "before_").reindex(published.index, fill_value=0)
    active = _counts(rows[rows.is_active & (rows.reference_month == months[-1])], unit)
    active = active.reindex(published.index, fill_value=0)
    assert (published.observed_months == observed).all()
    assert published.placements_6_months.tolist() == placements.tolist()
    np.testing.assert_allclose(published.distance, active - placements / observed, atol=1e-4)
    if observed < 6:
        assert published.is_below.isna().all()
    else:
        assert published.is_below.tolist() == (active < placements / observed).tolist()


def _drawn(year: int, month: int, choices: int) -> int:
    """The past month (0 is the last one) that stands for a month of a possible year."""
    digest = hashlib.md5(f"{year}-{month}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") % choices


@UNITS
def test_projection(warehouse: duckdb.DuckDBPyConnection, unit: str) -> None:
    months = _months(warehouse)
    recent = months[1:][-6:][::-1]
    rows = _unit_months(warehouse, unit)
    flows = [rows[rows.reference_month == month] for month in recent]
    came, left, placed = (
        np.array([condition(flow).sum() for flow in flows])
        for condition in (
            lambda flow: flow.is_active & ~flow.before_is_active,
            lambda flow: ~flow.is_active & flow.before_is_active,
            lambda flow: flow.outflow_type.isin(HOUSING),
        )
    )
    stock = flows[0].is_active.sum()
    scenarios = _table(warehouse, "steering.scenarios").set_index(["unit", "scenario"]).loc[unit]
    published = _table(warehouse, "indicators.ind_projection")
    published = published[(published.unit == unit) & (published.segment_type == "total")]
    for scenario, wanted in scenarios.iterrows():
        placements = placed if pd.isna(wanted.placements_per_month) else wanted.placements_per_month
        change = came * (1 - wanted.inflow_cut_share) - left + placed - placements
        years = np.zeros((500, 12))
        for year in range(500):
            level = stock
            for month in range(12):
                level = max(0, level + change[_drawn(year + 1, month + 1, len(recent))])
                years[year, month] = level
        projected = published[published.scenario == scenario].sort_values("horizon_months")
        expected = np.maximum(0, stock + change.mean() * np.arange(1, 13))
        np.testing.assert_allclose(projected.expected_stock, expected, atol=0.01)
        np.testing.assert_allclose(projected.stock_low, np.quantile(years, 0.05, axis=0), atol=0.01)
        np.testing.assert_allclose(projected.stock_high, np.quantile(years, 0.95, axis=0), atol=0.01)


def test_targets(warehouse: duckdb.DuckDBPyConnection) -> None:
    month = _months(warehouse)[-1]
    targets = _table(warehouse, "steering.targets")
    targets = targets[(targets.from_month <= month) & (targets.indicator == "outflow_housed")]
    published = _table(warehouse, "indicators.ind_targets")
    published = published[(published.reference_month == month) & (published.indicator == "outflow_housed")]
    assert len(published) == targets.unit.nunique() > 0
    for _, row in published.iterrows():
        rows = _unit_months(warehouse, row.unit)
        actual = ((rows.reference_month == month) & rows.outflow_type.isin(HOUSING)).sum()
        target = targets[targets.unit == row.unit].sort_values("from_month").target.iloc[-1]
        assert (row.actual, row.target, row.gap, row.is_met) == (actual, target, actual - target, actual >= target)


def test_reliability(warehouse: duckdb.DuckDBPyConnection, territory: Territory) -> None:
    months = _months(warehouse)
    last_three = months[-3:]
    deliveries = _table(warehouse, "raw.deliveries")
    deliveries = deliveries[deliveries.reference_month.isin(last_three)]
    delivered = len(deliveries.drop_duplicates(["operator", "extract", "reference_month"]))
    fields: dict[str, list[str]] = territory.settings.variables["mapped_fields"]
    written = untranslated = 0
    for entity, names in fields.items():
        rows = _table(warehouse, f"harmonised.hrm_{entity}")
        rows = rows[rows.reference_month.isin(last_three)]
        for name in names:
            written += (rows[f"{name}_source"].fillna("").str.strip() != "").sum()
            untranslated += (rows[name] == "unmapped").sum()
    published: Any = _table(warehouse, "indicators.ind_reliability")
    published = published[published.reference_month == months[-1]]
    assert sorted(published.unit) == ["household", "person"]
    for _, row in published.iterrows():
        assert row.delivered_3_months == delivered
        assert row.is_delivered == (delivered == row.expected_3_months)
        assert (row.value_3_months, row.unmapped_3_months) == (written, untranslated)
        assert row.is_translated == (untranslated < 0.02 * written)
        # Nothing was published: the balance is not known.
        assert pd.isna(row.is_balanced)
