"""The linkage bench measures what it says: its harness, its counts and its made-up lists, by hand on small lists."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from bench.linkage import metrics
from bench.linkage.harness import Linkage, birth_dates
from bench.linkage.people import made_up_people
from bench.linkage.program import Program, compile_program

MONTH_END = date(2024, 1, 31)
# A and B are in both lists, A twice in list a; the two C share a last name only (the default prior is so high in a
# list of eight that a whole name in common is enough).
PEOPLE = pd.DataFrame(
    [
        ("a1", "a", "A", "Thévenot", "Clémentine", "1970-05-12"),
        ("a2", "a", "A", "THEVENOT", "clementine", "1970-05-12"),
        ("b1", "b", "A", "Thevenot", "Clémentine", "1970-05-12"),
        ("a3", "a", "B", "Mouillon", "Gérard", "1955-11-03"),
        ("b2", "b", "B", "Mouillon", "Gérard", "1955-11-03"),
        ("a4", "a", "C1", "Bizouard", "Paul", "1961-02-20"),
        ("b3", "b", "C2", "Bizouard", "Léonie", "1993-07-08"),
        ("b4", "b", "D", None, None, None),
    ],
    columns=["id", "source", "entity", "last_name", "first_name", "birth_date"],
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return compile_program(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return compile_program(tmp_path_factory.mktemp("single"), {"operators_without_duplicates": ["a", "b"]})


@pytest.fixture(scope="module")
def linked(program: Program) -> Linkage:
    return Linkage.of(program, PEOPLE, MONTH_END).run()


def pairs(linkage: Linkage, query: str) -> set[tuple[str, str]]:
    return set(linkage.connection.execute(query).fetchall())


def test_the_harness_finds_the_pairs_expected_by_hand(linked):
    expected = {("a1", "a2"), ("a1", "b1"), ("a2", "b1"), ("a3", "b2")}
    assert pairs(linked, metrics.scored_pairs(linked)) == expected
    assert pairs(linked, metrics.clustered_pairs(linked)) == expected


def test_models_run_parents_first_and_can_stop_on_the_way(program):
    linkage = Linkage.of(program, PEOPLE, MONTH_END).run(until="lnk_compared_pairs")
    assert "lnk_compared_pairs" in linkage.seconds
    assert "lnk_scored_pairs" not in linkage.seconds
    assert list(linkage.run().seconds) == list(program.models)


def test_a_program_survives_its_file(program):
    assert Program.from_json(program.to_json()) == program


def test_weights_of_no_worth_find_nothing(program):
    linkage = Linkage.of(program, PEOPLE, MONTH_END)
    weights = linkage.connection.execute(f"from {linkage.name_of('link_weights')}").df()
    linkage.use_weights(weights.assign(u_probability=weights["m_probability"]), {"matches_per_record": 0.5})
    assert pairs(linkage.run(), metrics.scored_pairs(linkage)) == set()


def test_lists_declared_free_of_duplicates_never_link_two_of_their_records(single):
    linkage = Linkage.of(single, PEOPLE, MONTH_END).run()
    sources = PEOPLE.set_index("id")["source"]
    found = pairs(linkage, metrics.clustered_pairs(linkage))
    assert all(sources[left] != sources[right] for left, right in found)
    assert ("a3", "b2") in found
    # a1 and a2 are written alike: which of the two is b1 cannot be told, so a person decides.
    assert not found & {("a1", "b1"), ("a2", "b1")}


def test_true_pairs_are_counted_within_the_scope(linked):
    # A: three pairs, two of them across the lists; B: one.
    assert metrics.true_pairs(linked) == 4
    assert metrics.true_pairs(linked, across_sources=True) == 3


def test_agreement_counts_right_wrong_and_missed_pairs(linked):
    found = "select * from (values ('a1', 'a2'), ('a1', 'b1'), ('a4', 'b3')) as t (record_id_l, record_id_r)"
    everywhere = metrics.agreement_of(linked, found)
    across = metrics.agreement_of(linked, found, across_sources=True)
    assert (everywhere.precision.value, everywhere.recall.value) == (2 / 3, 2 / 4)
    assert (across.precision.value, across.recall.value) == (1 / 2, 1 / 3)


def test_blocking_yield_tells_what_each_rule_brings(program):
    # The names agree for the first pair, the birth date alone for the second.
    rows = [
        ("x1", "a", "X", "Jacquemin", "Rose", "1980-03-25"),
        ("x2", "b", "X", "Jacquemin", "Rose", "1944-09-17"),
        ("y1", "a", "Y", "Gauthey", "Lucie", "1966-06-13"),
        ("y2", "b", "Y", "Krasniqi", "Besnik", "1966-06-13"),
    ]
    people = pd.DataFrame(rows, columns=PEOPLE.columns)
    found = metrics.blocking_yield(Linkage.of(program, people, MONTH_END).run())
    rules = {rule.rule: rule for rule in found.rules}
    by_date = rules["birth_date"]
    assert (by_date.pairs, by_date.true_kept) == (1, 1)
    assert (rules["sound_of_names"].pairs, rules["sound_of_names"].true_alone) == (1, 0)
    assert (found.pairs, found.kept.numerator, found.kept.denominator) == (2, 2, 2)


def test_birth_dates_are_read_as_the_loader_reads_them():
    read = birth_dates(MONTH_END)
    assert read("1970-05-12") == "1970-05-12"
    assert read("not a date") is None


def test_made_up_lists_are_deterministic_and_grow_with_their_namesakes():
    small, again, large = made_up_people(500), made_up_people(500), made_up_people(5000)
    pd.testing.assert_frame_equal(small, again)
    assert not small.equals(made_up_people(500, seed=2))
    assert len(small) == small["id"].nunique() == 500
    several = small["entity"].value_counts().gt(1).mean()
    assert 0.2 < several < 0.4

    def namesakes(people: pd.DataFrame) -> float:
        persons = people.drop_duplicates("entity")
        return persons.duplicated(["last_name", "first_name"], keep=False).mean()

    assert namesakes(large) > namesakes(small)
