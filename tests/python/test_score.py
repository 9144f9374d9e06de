"""The score: against a slow reference that enumerates, and by hand on one small territory."""

from __future__ import annotations

import json
from datetime import date
from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synchro.errors import SynchroError
from synchro.score import Agreement, Linkage, Rate, map_clusters, score, score_linkage, score_person_months
from synchro.settings import Settings

MONTHS = [date(2024, month, 1) for month in range(1, 5)]

clusterings = st.lists(st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 4))), min_size=1, max_size=14)
person_months = st.sets(st.tuples(st.integers(0, 4), st.sampled_from(MONTHS)), min_size=1, max_size=12)


def _with_clusters(pairs: list[tuple[int, int | None]]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create table assigned (record_id integer, cluster_id integer, person_id integer)")
    con.executemany("insert into assigned values (?, ?, ?)", [(i, *pair) for i, pair in enumerate(pairs)])
    return con


def _known(pairs: list[tuple[int, int | None]]) -> list[tuple[int, int]]:
    return [(cluster, person) for cluster, person in pairs if person is not None]


@given(clusterings.filter(_known))
@settings(max_examples=40, deadline=None)
def test_linkage_agrees_with_enumeration(pairs: list[tuple[int, int | None]]) -> None:
    with _with_clusters(pairs) as con:
        linkage = score_linkage(con)
    known = _known(pairs)
    both = [(left[0] == right[0], left[1] == right[1]) for left, right in combinations(known, 2)]
    together = both.count((True, True))
    assert linkage.pairwise == Agreement(
        Rate(together, sum(cluster for cluster, _ in both)), Rate(together, sum(person for _, person in both))
    )
    _check_b_cubed(linkage, known)
    assert linkage.records_without_truth == len(pairs) - len(known)
    persons, clusters = {person for _, person in known}, {cluster for cluster, _ in known}
    split = [person for person in persons if len({c for c, p in known if p == person}) > 1]
    merged = [cluster for cluster in clusters if len({p for c, p in known if c == cluster}) > 1]
    assert linkage.split == Rate(len(split), len(persons))
    assert linkage.merged == Rate(len(merged), len(clusters))


def _check_b_cubed(linkage: Linkage, known: list[tuple[int, int]]) -> None:
    """The definition itself: each record looks at its own cluster, then at its own person."""
    precision = recall = 0.0
    for cluster, person in known:
        in_cluster = [p for c, p in known if c == cluster]
        of_person = [c for c, p in known if p == person]
        precision += in_cluster.count(person) / len(in_cluster) / len(known)
        recall += of_person.count(cluster) / len(of_person) / len(known)
    assert linkage.b_cubed.precision.value == pytest.approx(precision)
    assert linkage.b_cubed.recall.value == pytest.approx(recall)


def test_the_example_of_the_b_cubed_literature() -> None:
    # Two true persons of 3 and 2 records; clusters {a, a, b} and {a, b}.
    with _with_clusters([(1, 1), (1, 1), (1, 2), (2, 1), (2, 2)]) as con:
        linkage = score_linkage(con)
    assert linkage.b_cubed.precision.value == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)
    assert linkage.b_cubed.recall.value == pytest.approx((2 / 3 + 2 / 3 + 1 / 2 + 1 / 3 + 1 / 2) / 5)
    assert linkage.pairwise == Agreement(Rate(1, 4), Rate(1, 4))


@given(clusterings.filter(_known), person_months, person_months)
@settings(max_examples=30, deadline=None)
def test_person_months_agree_with_enumeration(
    pairs: list[tuple[int, int | None]], compiled: set[tuple[int, date]], truth: set[tuple[int, date]]
) -> None:
    person_of = {}
    for cluster in {cluster for cluster, _ in pairs}:
        people = [person for c, person in pairs if c == cluster and person is not None]
        person_of[cluster] = min(people, key=lambda p, people=people: (-people.count(p), p), default=None)
    months = [month for _, month in compiled]
    within = {(person, month) for person, month in truth if min(months) <= month <= max(months)}
    found = within & {(person_of.get(cluster), month) for cluster, month in compiled}
    with _with_clusters(pairs) as con:
        con.execute("create schema compiled")
        con.execute("create table compiled.fct_person_months (person_id int, reference_month date, status text)")
        con.executemany("insert into compiled.fct_person_months values (?, ?, 'active')", sorted(compiled))
        con.execute("create table truth_months (person_id integer, reference_month date, is_seen boolean)")
        con.executemany("insert into truth_months values (?, ?, true)", sorted(truth))
        map_clusters(con)
        agreement = score_person_months(con, "is_seen")
    assert agreement == Agreement(Rate(len(found), len(compiled)), Rate(len(found), len(within)))


# One territory by hand: records r1, r2 and r3 in two extracts; r1's rows are two of person 1 and one of 2, r2's
# a tie between 2 and 3; the file of the second operator has the same name and row numbers as the first.
TRUTH_ROWS = """
    select * from (values
        ('alpha', 'visits', 'f.csv', 1, 1), ('alpha', 'visits', 'f.csv', 2, 1), ('alpha', 'visits', 'f.csv', 3, 2),
        ('alpha', 'visits', 'f.csv', 4, 3), ('alpha', 'visits', 'f.csv', 5, 2), ('beta', 'stays', 'f.csv', 1, 1),
        ('beta', 'stays', 'f.csv', 9, 1), ('beta', 'stays', 'f.csv', 2, null)
    ) as t (operator, extract, file, source_row, person_id)
"""
# Person 1 is seen, housed, back; 2 is seen then lost, back, then gone; 3 comes in March and dies.
TRUTH_MONTHS = """
    select * from (values
        (1, date '2024-01-31', true, true, 'street'), (1, date '2024-02-29', false, false, 'own_housing'),
        (1, date '2024-03-31', true, true, 'street'), (1, date '2024-04-30', true, true, 'hotel'),
        (2, date '2024-01-31', true, true, 'street'), (2, date '2024-02-29', true, false, 'street'),
        (2, date '2024-03-31', false, true, 'street'), (2, date '2024-04-30', false, false, 'left_territory'),
        (3, date '2024-03-31', true, true, 'street'), (3, date '2024-04-30', false, false, 'deceased')
    ) as t (person_id, month_end, is_homeless, is_seen, seen_situation)
"""
FLOW_COLUMNS = (
    "inflow_newly_identified, inflow_returned_from_housing, inflow_returned_from_inactive, outflow,"
    " outflow_own_housing, outflow_supported_housing, outflow_inactive, outflow_left_territory, outflow_deceased"
)


@pytest.fixture
def scored(tmp_path: Path) -> tuple[Path, Settings]:
    warehouse = tmp_path / "wh.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute(
            f"""
            create schema raw; create schema raw_alpha; create schema raw_beta;
            create schema compiled; create schema indicators;
            create table raw.deliveries as select * from (values
                ('d1', 'alpha', 'visits', 'f.csv'), ('d2', 'beta', 'stays', 'f.csv'),
                ('d3', 'beta', 'places', 'p.csv')
            ) as t (delivery_id, operator, extract, file_name);
            create table raw_alpha.visits as select * from (values
                ('d1', 1, 'r1'), ('d1', 2, 'r1'), ('d1', 3, 'r1'), ('d1', 4, 'r2'), ('d1', 5, 'r2')
            ) as t (_delivery_id, _source_row, _record_id);
            create table raw_beta.stays as select * from (values ('d2', 1, 'r3'), ('d2', 2, 'r4'))
                as t (_delivery_id, _source_row, _record_id);
            create table raw_beta.places as
            select 'd3' as _delivery_id, 1 as _source_row, cast(null as text) as _record_id;
            create table compiled.bridge_person_records as select * from (values
                ('r1', 'r1'), ('r2', 'r2'), ('r3', 'r3'), ('r4', 'r1')
            ) as t (record_id, person_id);
            create table compiled.fct_person_months as select * from (values
                ('r1', date '2024-01-01', 'active'), ('r3', date '2024-01-01', 'active'),
                ('r2', date '2024-01-01', 'active'), ('r1', date '2024-02-01', 'housed'),
                ('r2', date '2024-02-01', 'active'), ('r1', date '2024-03-01', 'active'),
                ('r2', date '2024-03-01', 'active'), ('r1', date '2024-04-01', 'active')
            ) as t (person_id, reference_month, status);
            create table indicators.ind_monthly_flows as select * from (values
                (date '2024-01-01', 'person', 'total', 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                (date '2024-02-01', 'person', 'total', 1, 0, 0, 0, 0, 2, 1, 1, 0, 0, 0),
                (date '2024-03-01', 'person', 'total', 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0),
                (date '2024-04-01', 'person', 'total', 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0),
                (date '2024-04-01', 'household', 'total', 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0),
                (date '2024-04-01', 'person', 'sex', 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0)
            ) as t (reference_month, unit, segment_type, active_end, inflow, {FLOW_COLUMNS})
            """
        )
    duckdb.connect(str(tmp_path / "vault")).close()
    truth = tmp_path / "truth"
    truth.mkdir()
    duckdb.sql(TRUTH_ROWS).write_parquet(str(truth / "record_rows.parquet"))
    duckdb.sql(TRUTH_MONTHS).write_parquet(str(truth / "person_months.parquet"))
    where = {name: tmp_path / name for name in ("vault", "keys", "tombstones", "receipts", "published")}
    return truth, Settings(project_dir=tmp_path, warehouse=warehouse, **where)


def test_a_territory_scored_by_hand(scored: tuple[Path, Settings]) -> None:
    steps: list[int] = []
    result = score(*scored, progress=lambda _, done, __: steps.append(done))
    # r1 and r3 are person 1, r2 the smaller of 2 and 3; r4 is nobody known.
    assert (result.linkage.records, result.linkage.records_without_truth) == (3, 1)
    assert (result.linkage.clusters, result.linkage.persons) == (3, 2)
    assert result.linkage.split == Rate(1, 2)
    assert result.linkage.merged == Rate(0, 3)
    assert result.linkage.pairwise == Agreement(Rate(0, 0), Rate(0, 1))
    assert result.linkage.pairwise.f1 is None
    # Seven active person-months: January counts person 1 twice, February has person 2 unseen.
    assert result.seen_months == Agreement(Rate(5, 7), Rate(5, 6))
    assert result.homeless_months == Agreement(Rate(4, 7), Rate(4, 5))
    assert [(month.compiled, month.truth) for month in result.stock.months] == [(3, 2), (1, 0), (2, 3), (1, 1)]
    assert [month.error_percent for month in result.stock.months] == [50, None, pytest.approx(-100 / 3), 0]
    assert result.stock.max_absolute_percent == 50
    assert result.stock.mean_absolute_percent == pytest.approx((50 + 100 / 3) / 3)
    assert steps == [1, 2, 3, 4, 5]


def test_flows_follow_the_transitions_from_the_second_month_on(scored: tuple[Path, Settings]) -> None:
    flows = {
        series.name: [(month.compiled, month.truth) for month in series.months] for series in score(*scored).flows
    }
    assert flows == {
        "inflow": [(0, 0), (1, 3), (0, 0)],
        "newly_identified": [(0, 0), (0, 1), (0, 0)],
        "returned_from_housing": [(0, 0), (1, 1), (0, 0)],
        "returned_from_inactive": [(0, 0), (0, 1), (0, 0)],
        "outflow": [(2, 2), (0, 0), (1, 2)],
        "housed": [(2, 1), (0, 0), (0, 0)],
        "inactive": [(0, 1), (0, 0), (0, 0)],
        "left_territory": [(0, 0), (0, 0), (1, 1)],
        "deceased": [(0, 0), (0, 0), (0, 1)],
    }


def test_both_outputs_tell_the_same(scored: tuple[Path, Settings]) -> None:
    result = score(*scored)
    content = json.loads(result.to_json())
    assert content["seen_person_months"]["precision"] == {"numerator": 5, "denominator": 7, "value": 5 / 7}
    assert content["flows"]["outflow"]["signed_percent"] == pytest.approx(-25)
    text = result.to_text()
    assert "0,7143" in text
    assert "-25,0" in text
    assert "[" not in text


def test_what_is_missing_is_named(scored: tuple[Path, Settings]) -> None:
    truth, installation = scored

    def code() -> str:
        with pytest.raises(SynchroError) as caught:
            score(truth, installation)
        return caught.value.code

    rows = truth / "record_rows.parquet"
    duckdb.sql(TRUTH_ROWS.replace("f.csv", "other.csv")).write_parquet(str(rows))
    assert code() == "NO_MATCH"
    rows.unlink()
    assert code() == "NO_TRUTH"
    duckdb.sql(TRUTH_ROWS).write_parquet(str(rows))
    with duckdb.connect(str(installation.warehouse)) as con:
        con.execute("drop table indicators.ind_monthly_flows")
    assert code() == "NOT_BUILT"
