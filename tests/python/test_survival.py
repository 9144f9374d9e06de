"""Survival curves and medians in SQL are those of lifelines, for every unit and segment."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.exceptions import StatError
from lifelines.utils import median_survival_times

from conftest import Territory

CURVE = ["reference_month", "duration_kind", "unit", "segment_type", "segment"]
AT_RISK = 5
LAST_TWO_MONTHS = "reference_month >= (select max(reference_month) - to_months(1) from compiled.dim_months)"


@pytest.fixture(scope="module")
def warehouse(territory: Territory) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(territory.settings.warehouse), read_only=True) as connection:
        yield connection


def _fitted(spells: pd.DataFrame) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit(spells.duration_days, spells.is_event, entry=spells.entry_days)


def _kept(fitted: KaplanMeierFitter) -> pd.DataFrame:
    """The steps of a curve up to the first on which fewer than AT_RISK are at risk."""
    table = fitted.event_table
    # Who enters on a day is at risk from the next one on (lifelines counts them in from that day).
    table = table.assign(watched=table.at_risk - table.entrance.where(table.index > 0, 0))
    steps = table[table.observed > 0]
    return steps[(steps.watched >= AT_RISK).cummin()]


def test_every_curve_is_that_of_lifelines(warehouse: duckdb.DuckDBPyConnection) -> None:
    spells = warehouse.sql(f"from compiled.fct_spell_month_segments where {LAST_TWO_MONTHS}").df()
    survival = warehouse.sql(f"from indicators.ind_survival where {LAST_TWO_MONTHS} order by all").df()
    curves = dict(list(survival.groupby(CURVE)))
    compared = 0
    for key, group in spells.groupby(CURVE):
        try:
            fitted = _fitted(group)
        except StatError:
            # Nobody is left at risk early on: lifelines gives no curve; ours stops before that day.
            continue
        steps = _kept(fitted)
        if key not in curves:
            assert steps.empty, key
            continue
        curve = curves[key]
        assert curve.time_days.tolist() == steps.index.tolist(), key
        assert curve.at_risk.tolist() == steps.watched.tolist(), key
        assert curve.event_count.tolist() == steps.observed.tolist(), key
        expected = fitted.survival_function_.KM_estimate.loc[steps.index]
        np.testing.assert_allclose(curve.survival, expected, atol=1e-6)
        compared += 1
    assert compared > 20


def test_intervals_and_medians_are_those_of_lifelines(warehouse: duckdb.DuckDBPyConnection) -> None:
    total = "segment_type = 'total' and reference_month = (select max(reference_month) from compiled.dim_months)"
    spells = warehouse.sql(f"from compiled.fct_spell_month_segments where {total}").df()
    survival = warehouse.sql(f"from indicators.ind_survival where {total} order by all").df()
    medians = warehouse.sql(f"from indicators.ind_survival_medians where {total}").df()
    medians = medians.set_index(["duration_kind", "unit"])
    assert len(medians) == 4
    for key, group in spells.groupby(["duration_kind", "unit"]):
        fitted = _fitted(group)
        curve = survival[(survival.duration_kind == key[0]) & (survival.unit == key[1])]
        bounds = fitted.confidence_interval_.loc[curve.time_days]
        np.testing.assert_allclose(curve.survival_low, bounds.iloc[:, 0], atol=1e-5)
        np.testing.assert_allclose(curve.survival_high, bounds.iloc[:, 1], atol=1e-5)
        row = medians.loc[key]
        assert (row.spell_count, row.event_count) == (len(group), group.is_event.sum())
        if not pd.isna(row.median_days):
            assert row.median_days == fitted.median_survival_time_
            low = median_survival_times(fitted.confidence_interval_).iloc[0, 0]
            assert row.median_low_days == low
    assert medians.median_days.notna().any()
