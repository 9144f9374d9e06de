"""The SQL of statuses, flows, episodes and households against the definitions applied day by day in Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.engine import STATUS_MODELS, STATUS_SEEDS
from conftest import Territory
from status_engine import Engine
from status_reference import Life, Piece, households, ways

MODELS = (
    *STATUS_MODELS,
    "fct_person_month_transitions",
    "fct_person_month_attributes",
    "fct_episode_ends",
    "fct_episode_bounds",
    "fct_episodes",
    "fct_person_month_durations",
    "fct_household_ties",
    "fct_person_month_households",
    "fct_person_months",
    "fct_person_month_segments",
    "fct_household_members",
    "fct_household_months",
    "fct_household_month_segments",
)
FILLED = (
    "compiled.fct_stated_evidence",
    "compiled.bridge_person_records",
    "compiled.dim_persons",
    "compiled.dim_months",
    "harmonised.hrm_records",
)
SEEDS = (*STATUS_SEEDS, "vocabularies.voc_status", "reference.age_bands")
# Thirteen months around the 29th of February 2024, long enough for a silence of 180 days.
MONTHS = [date(2023 + (10 + number) // 12, (10 + number) % 12 + 1, 1) for number in range(14)]
ENDS = [after - timedelta(days=1) for after in [*MONTHS[1:], date(2025, 1, 1)]]
LISTED = list(zip(MONTHS, ENDS, strict=True))[1:]
LAST_DAY = ENDS[-1]

SITUATIONS = {
    "stay": ("hotel", "emergency_shelter", "asylum_procedure"),
    "housing": ("own_housing", "supported_housing"),
    "exit": ("own_housing", "left_territory", "deceased", "street", "third_party", "left_territory"),
    "contact": ("street", "third_party", "unknown", "eviction_threat", "own_housing", "hotel"),
    "request": ("street", "third_party", "unknown", "eviction_threat"),
}
# Dates meet often: month ends, the leap day, and both sides of 90 and 180 days from the 1st of January.
MEETING = [date(2023, 12, 1), date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 28), date(2024, 2, 29),
           date(2024, 3, 1), date(2024, 3, 31), date(2024, 4, 1), date(2024, 6, 29), date(2024, 6, 30),
           date(2024, 7, 1), date(2024, 12, 31)]  # fmt: skip
days = st.one_of(st.sampled_from(MEETING), st.dates(date(2022, 1, 1), date(2025, 1, 31)))
lengths = st.one_of(st.sampled_from([0, 1, 29, 90, 91, 180, 181]), st.integers(0, 500))


@st.composite
def pieces(draw: st.DrawFn) -> tuple[str, date, int, str]:
    kind = draw(st.sampled_from(sorted(SITUATIONS)))
    length = draw(lengths) if kind in ("stay", "housing") else 0
    return kind, draw(days), length, draw(st.sampled_from(SITUATIONS[kind]))


lives = st.lists(st.lists(pieces(), min_size=1, max_size=7), min_size=1, max_size=6)
# Who names whom in which household number, in which of the first months.
ties = st.sets(st.tuples(st.integers(0, 5), st.sampled_from("ABC"), st.integers(1, 6)), max_size=14)
thorough = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engine(territory: Territory) -> Engine:
    engine = Engine(territory, MODELS, empty=FILLED, copied=SEEDS)
    engine.months(MONTHS)
    return engine


def _written(drawn: list[list[tuple[str, date, int, str]]]) -> dict[str, list[Piece]]:
    """The evidence of persons p0, p1..., with ids whose order is not that of the dates."""
    return {
        f"p{person}": [
            Piece(f"{(number * 7) % 10}-{person}", kind, start, start + timedelta(days=length), situation)
            for number, (kind, start, length, situation) in enumerate(life)
        ]
        for person, life in enumerate(drawn)
    }


def _run(engine: Engine, people: dict[str, list[Piece]], stated: set[tuple[str, str, date]]) -> None:
    engine.fill(
        "compiled.fct_stated_evidence",
        ("evidence_id", "person_id", "operator", "evidence_kind", "start_date", "end_date", "situation", "commune"),
        [
            (piece.id, person, "o", piece.kind, piece.start, piece.end, piece.situation, "unknown")
            for person, written in people.items()
            for piece in written
        ],
    )
    engine.fill(
        "compiled.bridge_person_records",
        ("record_id", "person_id", "operator", "first_reference_month"),
        [(person, person, "o", MONTHS[1]) for person in people],
    )
    engine.fill("compiled.dim_persons", ("person_id", "sex"), [(person, "unknown") for person in people])
    engine.fill(
        "harmonised.hrm_records",
        (
            "record_id",
            "household_record_id",
            "reference_month",
            "household_type",
            "administrative_status",
            "resources",
        ),
        [(person, number, month, "unknown", "unknown", "unknown") for person, number, month in sorted(stated)],
    )
    engine.run()


@given(lives)
@thorough
def test_statuses_flows_and_days_are_those_of_the_definitions(engine: Engine, drawn: list) -> None:
    people = _written(drawn)
    _run(engine, people, set())
    expected = {}
    for person, written in people.items():
        life = Life(written)
        first = min((piece.start for piece in life.pieces), default=LAST_DAY + timedelta(days=1))
        listed = [(start, end, life.month(start, end)) for start, end in LISTED if first <= end]
        moves = ways([month.status for *_, month in listed], [month.situation for *_, month in listed])
        for (start, _, month), (way_in, way_out) in zip(listed, moves, strict=True):
            way_in = "first_list" if way_in and start == MONTHS[1] else way_in
            expected[person, start] = (month, way_in, way_out)
    found = engine.rows(
        """
        select
            person_id, reference_month, status, situation, days_homeless_in_month, days_homeless_in_episode,
            homeless_since_date, is_long_term, inflow_type, outflow_type
        from compiled.fct_person_months
        """
    )
    assert {(row[0], row[1]): row[2:] for row in found} == {
        key: (*vars(month).values(), way_in, way_out) for key, (month, way_in, way_out) in expected.items()
    }
    assert len(found) == len(expected)


@given(lives)
@thorough
def test_episodes_are_those_of_the_definitions(engine: Engine, drawn: list) -> None:
    people = _written(drawn)
    _run(engine, people, set())
    found = engine.rows(
        """
        select person_id, start_date, end_date, end_type, exit_situation
        from compiled.fct_episodes order by person_id, episode_number
        """
    )
    assert found == [
        (person, *vars(episode).values())
        for person in sorted(people)
        for episode in Life(people[person]).episodes(LAST_DAY)
    ]
    bad = engine.rows(
        f"""
        select person_id from compiled.fct_episodes
        where duration_days != coalesce(end_date, date '{LAST_DAY}' + 1) - start_date or is_open != (end_date is null)
        """
    )
    assert bad == []


@given(lives, ties)
@thorough
def test_households_are_those_tied_and_close_in_every_segment(engine: Engine, drawn: list, tied: set) -> None:
    people = _written(drawn)
    stated = {(f"p{person}", number, MONTHS[month]) for person, number, month in tied if person < len(people)}
    _run(engine, people, stated)
    for month in MONTHS[1:]:
        members: dict[str, set[str]] = {}
        for household, person in engine.rows(
            f"select household_id, person_id from compiled.fct_person_months where reference_month = '{month}'"
        ):
            members.setdefault(household, set()).add(person)
        listed = set().union(*members.values()) if members else set()
        whole = {group & listed for group in households(stated, list(people), month)}
        assert {frozenset(group) for group in members.values()} == {group for group in whole if group}
    for unit in ("person", "household"):
        _assert_closes(engine, f"compiled.fct_{unit}_month_segments")


def _assert_closes(engine: Engine, segments: str) -> None:
    """active(t) = active(t-1) + inflow - outflow, changes of segment apart, counted one by one."""
    rows = engine.rows(
        f"""
        select
            reference_month, segment_type, segment, previous_segment, is_active, was_active, inflow_type, outflow_type
        from {segments}
        """
    )
    stock, entered, left = Counter(), Counter(), Counter()
    for month, kind, segment, before, is_active, was_active, way_in, way_out in rows:
        stock[month, kind, segment] += is_active
        moved = is_active and was_active and segment != before
        entered[month, kind, segment] += moved or way_in is not None
        left[month, kind, before] += moved or way_out is not None
        assert (way_in is not None) == (is_active and not was_active)
        assert (way_out is not None) == (was_active and not is_active)
    for earlier, later in pairwise(MONTHS):
        for kind, segment in {key[1:] for key in [*stock, *left]}:
            change = entered[later, kind, segment] - left[later, kind, segment]
            assert stock[later, kind, segment] == stock[earlier, kind, segment] + change
