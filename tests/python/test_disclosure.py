"""Disclosure control: what leaves for the public is on the closed list, rounded, and gives no small count away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from conftest import PROJECT, Territory
from synchro.disclosure import disclose
from synchro.disclosure.cells import build_cells
from synchro.disclosure.dominance import dominance_warnings
from synchro.disclosure.protect import bounds_of, protect, rounded
from synchro.disclosure.solver import Constraints, remaining_ranges
from synchro.disclosure.specification import (
    Parameters,
    PublicColumn,
    PublicTable,
    Relation,
    Specification,
    read_specification,
)
from synchro.disclosure.statuses import entity_statuses
from synchro.errors import SynchroError

Tables = dict[str, pd.DataFrame]
_SCHEMAS = ("indicators", "quality", "reference", "vocabularies")


@pytest.fixture(scope="module")
def specification() -> Specification:
    return read_specification(PROJECT)


@pytest.fixture(scope="module")
def exact(territory: Territory) -> Tables:
    with duckdb.connect(str(territory.settings.warehouse), read_only=True) as warehouse:
        names = warehouse.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in (select unnest(?)) or table_name = 'dim_months'",
            [list(_SCHEMAS)],
        ).fetchall()
        return {name: warehouse.execute(f'select * from "{schema}"."{name}"').df() for schema, name in names}


def public(tables: Tables, variables: dict[str, Any], **options: Any) -> Any:
    return disclose(tables, audience="public", project_dir=PROJECT, variables=variables, **options)


@pytest.fixture(scope="module")
def variables(territory: Territory) -> dict[str, Any]:
    return territory.settings.variables


@pytest.fixture(scope="module")
def edition(exact: Tables, variables: dict[str, Any]) -> Any:
    return public(exact, variables)


def _counts(specification: Specification) -> list[PublicColumn]:
    figures = [table.table_name for table in specification.tables if table.kind == "figures"]
    return [column for column in specification.columns if column.role == "count" and column.table_name in figures]


def _beside_truth(edition: Any, exact: Tables, column: PublicColumn, specification: Specification) -> pd.DataFrame:
    dimensions = specification.dimensions(column.table_name)
    shown = edition.tables[column.table_name]
    truth = exact[column.table_name].assign(reference_month=pd.to_datetime(exact[column.table_name].reference_month))
    both = shown.merge(truth, on=dimensions, how="left", suffixes=("", "_true"))
    return pd.DataFrame(
        {
            "shown": both[column.column_name].astype("Float64"),
            "status": both[column.column_name + "_status"],
            "truth": both[column.column_name + "_true"].fillna(0),
            **{name: both[name] for name in dimensions},
        }
    )


def test_only_the_closed_list_leaves(edition: Any, specification: Specification) -> None:
    assert edition.refused == {}
    assert set(edition.tables) <= set(specification.table_names)
    for name, frame in edition.tables.items():
        listed = {column.column_name for column in specification.columns_of(name)}
        if listed:
            assert {column.removesuffix("_status") for column in frame} == listed, name


def test_a_shown_count_is_the_nearest_multiple_of_five_and_a_small_one_is_never_shown(
    edition: Any, exact: Tables, specification: Specification
) -> None:
    shown_count = 0
    for column in _counts(specification):
        cells = _beside_truth(edition, exact, column, specification)
        shown = cells[cells["status"] == "shown"]
        structural = shown[shown["shown"] == 0]
        assert (structural["truth"] == 0).all()
        assert structural.empty or column.zero_where
        visible = shown[shown["shown"] != 0]
        assert (visible["shown"] % 5 == 0).all()
        assert (visible["shown"] >= 15).all()
        if not column.same_within:
            assert ((visible["shown"] - visible["truth"]).abs() <= 2).all(), column
        assert cells.loc[cells["status"] != "shown", "shown"].isna().all()
        shown_count += len(visible)
    assert shown_count > 100


def test_every_hidden_cell_keeps_five_values_and_the_truth_is_one_of_them(
    exact: Tables, edition: Any, specification: Specification, variables: dict[str, Any]
) -> None:
    """The system is built from what is published, and solved without the truth."""
    tables = {name: edition.tables[name] for name in edition.tables if specification.table(name).kind == "figures"}
    statuses = {
        (column.table_name, column.column_name): tables[column.table_name][column.column_name + "_status"].to_numpy()
        for column in _counts(specification)
    }
    cells = build_cells(
        tables, specification, {key: np.isin(own, ("shown", "protected")) for key, own in statuses.items()}
    )
    low, high = np.zeros(cells.count), np.full(cells.count, np.inf)
    truth = np.zeros(cells.count)
    for column in _counts(specification):
        key = (column.table_name, column.column_name)
        numbers = cells.numbers[key]
        beside = _beside_truth(edition, exact, column, specification)
        inside = numbers >= 0
        if not column.same_within:
            truth[numbers[inside]] = beside["truth"].to_numpy()[inside]
        shown = inside & (statuses[key] == "shown")
        values = beside["shown"].to_numpy(dtype=float, na_value=0)[shown]
        low[numbers[shown]] = np.where(values == 0, 0, np.maximum(specification.parameters.threshold, values - 2))
        high[numbers[shown]] = np.where(values == 0, 0, values + 2)
    hidden = np.flatnonzero(np.isinf(high))
    ranges = remaining_ranges(Constraints(cells.equalities, cells.inequalities), low.astype(int), high, hidden)
    assert len(hidden) > 1000
    assert ranges.is_safe.all()
    measured = ~np.isin(hidden, _numbers_of_wholes(cells, specification))
    assert (truth[hidden] >= ranges.low)[measured].all()
    assert (truth[hidden] <= ranges.high)[measured].all()


def _numbers_of_wholes(cells: Any, specification: Specification) -> np.ndarray:
    keys = [(column.table_name, column.column_name) for column in _counts(specification) if column.same_within]
    return np.concatenate([cells.numbers[key] for key in keys])


def test_rows_say_nothing_by_being_there(exact: Tables, edition: Any, variables: dict[str, Any]) -> None:
    """Rows in which nobody is counted may be there or not: the edition is the same."""
    without = dict(exact)
    flows, profiles = exact["ind_monthly_flows"], exact["ind_profiles"]
    empty = (flows[["active_end", "inflow", "outflow"]] == 0).all(axis=1)
    assert empty.any()
    without["ind_monthly_flows"] = flows[~empty]
    without["ind_profiles"] = profiles[profiles["active_count"] > 0]
    again = public(without, variables)
    for name in ("ind_monthly_flows", "ind_profiles"):
        pd.testing.assert_frame_equal(again.tables[name], edition.tables[name])


def test_the_order_of_rows_changes_nothing(exact: Tables, edition: Any, variables: dict[str, Any]) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in exact.items()}
    again = public(shuffled, variables)
    for name in ("ind_monthly_flows", "ind_durations", "ind_profiles", "ind_needs_responses"):
        pd.testing.assert_frame_equal(again.tables[name], edition.tables[name])


def test_shares_are_whole_percents_of_shown_figures(edition: Any) -> None:
    durations = edition.tables["ind_durations"]
    shown = durations[durations["over_6_months_share_status"] == "shown"]
    assert len(shown) > 0
    expected = (100 * shown["over_6_months_count"] / shown["known_count"]).round() / 100
    assert (shown["over_6_months_share"] == expected).all()
    assert (shown["over_6_months_share"] < 1).all()
    hidden = durations[durations["over_6_months_count_status"] != "shown"]
    assert hidden["over_6_months_share"].isna().all()


def test_a_code_that_the_grid_does_not_know_is_refused(exact: Tables, variables: dict[str, Any]) -> None:
    strange = dict(exact)
    flows = exact["ind_monthly_flows"].copy()
    flows.loc[flows["segment_type"] == "sex", "segment"] += "_x"
    strange["ind_monthly_flows"] = flows
    with pytest.raises(SynchroError) as caught:
        public(strange, variables)
    assert caught.value.code == "PUBLIC_GRID"


def test_figures_that_do_not_add_up_refuse_their_table(exact: Tables, variables: dict[str, Any]) -> None:
    wrong = dict(exact)
    needs = exact["ind_needs_responses"].copy()
    needs.loc[needs["need"] == "total", "waiting"] += 1
    wrong["ind_needs_responses"] = needs
    edition = public(_without_crossings(wrong), variables)
    assert list(edition.refused) == ["ind_needs_responses"]
    assert "ind_needs_responses" not in edition.tables
    assert "ind_monthly_flows" in edition.tables


def _without_crossings(tables: Tables) -> Tables:
    """Fewer cells, where a test is not about them."""
    return {name: frame for name, frame in tables.items() if name not in ("ind_profiles", "ind_durations")}


def _published(edition: Any, folder: Path) -> Path:
    (folder / "data" / "synchro").mkdir(parents=True)
    for name, frame in edition.tables.items():
        frame.to_parquet(folder / "data" / "synchro" / f"{name}.parquet", index=False)
    (folder / "dictionary.json").write_text(json.dumps({"disclosure": edition.specification}), encoding="utf-8")
    return folder


def _without_last_month(exact: Tables) -> tuple[Tables, pd.Timestamp]:
    last = pd.to_datetime(exact["dim_months"]["reference_month"]).max()
    return {
        name: frame[pd.to_datetime(frame["reference_month"]) < last]
        if "reference_month" in frame and name != "ind_projection"
        else frame
        for name, frame in exact.items()
    }, last


def test_a_month_once_published_is_repeated_as_it_was(
    exact: Tables, variables: dict[str, Any], tmp_path: Path
) -> None:
    exact = _without_crossings(exact)
    before, last = _without_last_month(exact)
    first = public(before, variables, vintage=1)
    folder = _published(first, tmp_path / "public-0001")
    # What a late delivery changed of an earlier month does not show until a revision.
    changed = dict(exact)
    needs = exact["ind_needs_responses"].copy()
    earlier = pd.to_datetime(needs["reference_month"]) < last
    grown = earlier & needs["need"].isin(["total", "ordinary_housing"])
    needs.loc[grown, ["waiting", "persons_waiting"]] += 100
    changed["ind_needs_responses"] = needs
    second = public(changed, variables, vintage=2, previous=folder)
    for name, frame in first.tables.items():
        if name in ("ind_monthly_flows", "ind_needs_responses"):
            again = second.tables[name]
            months_of = pd.to_datetime(again["reference_month"])
            repeated = again[months_of < last].reset_index(drop=True)
            pd.testing.assert_frame_equal(repeated, frame, check_dtype=False)
            assert (months_of == last).any()
    months = second.specification["months"]
    assert months[last.date().isoformat()] == 2
    assert set(months.values()) == {1, 2}
    revised = public(changed, variables, vintage=2, previous=folder, revise=True)
    assert set(revised.specification["months"].values()) == {2}
    waiting = revised.tables["ind_needs_responses"]
    assert (
        not waiting[waiting["reference_month"] < last]
        .reset_index(drop=True)["waiting"]
        .equals(first.tables["ind_needs_responses"]["waiting"])
    )


def test_a_revision_opens_no_cell_that_was_hidden(exact: Tables, variables: dict[str, Any], tmp_path: Path) -> None:
    exact = _without_crossings(exact)
    folder = _published(public(exact, variables), tmp_path / "public-0001")
    changed = dict(exact)
    needs = exact["ind_needs_responses"].copy()
    # A need that was small, and therefore hidden, becomes large.
    small = needs["waiting"].between(1, 12) & ~needs["need"].isin(["total"])
    assert small.any()
    month, need = needs.loc[small, ["reference_month", "need"]].iloc[0]
    grown = (needs["reference_month"] == month) & needs["need"].isin([need, "total"])
    needs.loc[grown, ["waiting", "persons_waiting"]] += 50
    changed["ind_needs_responses"] = needs
    revised = public(changed, variables, vintage=2, previous=folder, revise=True).tables["ind_needs_responses"]
    of_need = revised[(revised["need"] == need) & (pd.to_datetime(revised["reference_month"]) == month)]
    assert of_need["waiting_status"].tolist() == ["protected"]


def test_a_month_without_any_delivery_of_what_a_figure_needs_is_not_delivered_never_zero(
    exact: Tables, variables: dict[str, Any]
) -> None:
    deliveries = exact["dq_deliveries"].copy()
    month = deliveries["reference_month"].max()
    of_requests = deliveries["operator"].isin(variables["operators"]["requests"])
    deliveries.loc[of_requests & (deliveries["reference_month"] == month), "delivery_count"] = 0
    edition = public({**_without_crossings(exact), "dq_deliveries": deliveries}, variables)
    needs = edition.tables["ind_needs_responses"]
    of_month = needs[pd.to_datetime(needs["reference_month"]) == month]
    assert set(of_month["waiting_status"]) == {"not_delivered"}
    assert of_month["waiting"].isna().all()
    statuses = entity_statuses(deliveries[~of_requests], variables)
    assert statuses["requests"] == {}


def test_places_that_nobody_counts_are_not_collected_never_zero(edition: Any, exact: Tables) -> None:
    needs, truth = edition.tables["ind_needs_responses"], exact["ind_needs_responses"]
    without = set(truth.loc[truth["places_occupied"].isna(), "need"]) - set(
        truth.loc[truth["places"].notna(), "need"]
    )
    assert without
    of_needs = needs[needs["need"].isin(without)]
    for column in ("places", "places_occupied", "occupancy"):
        assert set(of_needs[column + "_status"]) == {"not_collected"}


def test_the_internal_edition_is_exact_and_says_why_a_cell_is_empty(exact: Tables, variables: dict[str, Any]) -> None:
    edition = disclose(exact, audience="internal", project_dir=PROJECT, variables=variables)
    assert set(edition.tables) == set(exact)
    flows = edition.tables["ind_monthly_flows"]
    pd.testing.assert_series_equal(flows["inflow"], exact["ind_monthly_flows"]["inflow"])
    assert set(flows["inflow_status"]) == {"shown"}
    durations = edition.tables["ind_durations"]
    unknown = durations["median_days"].isna()
    assert unknown.any()
    assert set(durations.loc[unknown, "median_days_status"]) == {"not_yet_known"}


PARAMETERS = Parameters(1, 11, 13, 5, 5, 2, 10, 0.85)


def small_specification(*relations: Relation) -> Specification:
    """One table of needs: a count by month and need."""
    column = PublicColumn("needs", "waiting", "count", *[""] * 8)
    dimensions = [replace(column, column_name=name, role="dimension") for name in ("reference_month", "need")]
    table = PublicTable("needs", "figures", "", "")
    return Specification(PARAMETERS, (table,), (*dimensions, column), relations, (), ())


OF_NEEDS = Relation("of_needs", "over", "needs", "waiting", "", "need", "total", "", "", "")


def small_table(**counts: int) -> pd.DataFrame:
    rows = {"total": sum(counts.values()), **counts}
    return pd.DataFrame(
        {"reference_month": pd.Timestamp("2025-01-01"), "need": list(rows), "waiting": list(rows.values())}
    )


def small_protection(specification: Specification, table: pd.DataFrame) -> Any:
    statuses = {("needs", "waiting"): np.full(len(table), "shown", dtype=object)}
    return protect({"needs": table}, specification, statuses, {})


def test_a_hidden_cell_that_sums_would_give_away_hides_the_smallest_of_its_line() -> None:
    # 31 is shown as 30 (28 to 32), 13 as 15 (13 to 17), 18 as 20 (18 to 22): the third is 0 or 1.
    table = small_table(a=18, b=13, c=0)
    protection = small_protection(small_specification(OF_NEEDS), table)
    assert protection.statuses["needs", "waiting"].tolist() == ["shown", "shown", "protected", "protected"]
    assert (protection.primary_count, protection.complementary_count) == (1, 1)


def test_without_the_relation_nothing_gives_the_cell_away() -> None:
    protection = small_protection(small_specification(), small_table(a=18, b=13, c=0))
    assert protection.complementary_count == 0


def test_a_line_that_leaves_enough_values_hides_nothing_more() -> None:
    protection = small_protection(small_specification(OF_NEEDS), small_table(a=20, b=20, c=2))
    assert protection.complementary_count == 0


def test_a_table_that_cannot_be_made_safe_is_refused() -> None:
    # The total is never hidden for another cell, and its only shown part is what it is made of.
    below = replace(OF_NEEDS, relation="below", kind="at_most", terms="least", over="", total="")
    least = PublicColumn("needs", "least", "count", *[""] * 8)
    specification = small_specification(OF_NEEDS, below)
    specification = replace(specification, columns=(*specification.columns, least))
    table = small_table(a=2).assign(least=[2, 2])
    statuses = {("needs", name): np.full(2, "shown", dtype=object) for name in ("waiting", "least")}
    zero = replace(least, zero_where="need=a")
    specification = replace(specification, columns=(*specification.columns[:-1], zero))
    table.loc[1, ["waiting", "least"]] = 0
    table.loc[0, "waiting"] = 0
    protection = protect({"needs": table}, specification, statuses, {})
    assert list(protection.refused) == ["needs"]


def test_bounds_are_what_a_reader_knows_of_a_rounded_count() -> None:
    values, hidden = np.array([13, 17, 18, 4, 0]), np.array([False, False, False, True, False])
    low, high = bounds_of(values, hidden, PARAMETERS)
    assert rounded(values[:3], 5).tolist() == [15, 15, 20]
    assert low.tolist() == [13, 13, 18, 0, 0]
    assert high.tolist() == [17, 17, 22, np.inf, 0]


def test_the_list_names_what_is_wrong_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "seeds" / "publication"
    folder.mkdir(parents=True)
    for path in (PROJECT / "seeds" / "publication").glob("*.csv"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    columns = folder / "public_columns.csv"
    text = columns.read_text(encoding="utf-8")
    columns.write_text(text + "ind_profiles,operator,dimension,,,,,,,,\n", encoding="utf-8")
    with pytest.raises(SynchroError, match="par opérateur") as caught:
        read_specification(tmp_path)
    assert caught.value.code == "PUBLIC_LIST"
    columns.write_text(text.replace("inflow_deceased", "x"), encoding="utf-8")
    columns.write_text(
        text.replace("ind_monthly_flows,inflow,count", "ind_monthly_flows,inflow,plain"), encoding="utf-8"
    )
    with pytest.raises(SynchroError, match="inflow_by_type"):
        read_specification(tmp_path)


def test_dominance_is_told_and_named() -> None:
    cells = pd.DataFrame(
        {
            "person_count": [40, 40, 12, 40],
            "largest_operator": ["hotel", "ccas", "dna", "maraude"],
            "largest_count": [35, 20, 12, 20],
            "others_count": [5, 20, 0, 20],
            "largest_share": [0.875, 0.5, 1.0, 0.5],
        }
    )
    (warning,) = dominance_warnings({"dq_dominance": cells}, PARAMETERS)
    assert warning.startswith("1 effectif")
    assert warning.endswith("hotel")
    assert dominance_warnings({"dq_dominance": cells[1:]}, PARAMETERS) == []
