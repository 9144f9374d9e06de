"""The simulated lives, and what operators see of them: before names, words and files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synchro.simulate import truth
from synchro.simulate.observations import EVIDENCE, observe
from synchro.simulate.parameters import Parameters
from synchro.simulate.population import build_population
from synchro.simulate.trajectories import HOMELESS, HOUSED, SITUATIONS, build_trajectories

PARAMETERS = Parameters(persons=2000, months=12, seed=3)
# Contacts: (operator, extract) -> column of the day, column of the situation.
CONTACTS = {
    ("siao_115", "appels"): ("date_appel", "situation"),
    ("accueil_jour", "passages"): ("date_passage", "dort_ou"),
    ("maraude", "rencontres"): ("date_rencontre", "lieu_de_vie"),
    ("ccas", "domiciliations"): ("date_dernier_passage", "situation_logement"),
    ("siao_insertion", "demandes"): ("date_de_la_demande", "situation_demande"),
}
ADULTS_ONLY = [("siao_115", "appels"), ("accueil_jour", "passages"), ("maraude", "rencontres")]
WITH_CHILDREN = [
    ("hebergement", "sejours"),
    ("hotel", "nuitees"),
    ("dna", "presences"),
    ("siao_insertion", "demandes"),
    ("logement", "entrees"),
]


def imagined(parameters: Parameters):
    """persons, spells, observed and the truth of one draw."""
    streams = [np.random.default_rng(stream) for stream in np.random.SeedSequence(parameters.seed).spawn(3)]
    persons = build_population(parameters, streams[0])
    spells = build_trajectories(persons, parameters, streams[1])
    observed = observe(persons, spells, parameters, streams[2])
    return persons, spells, observed, truth.person_months(persons, spells, observed, parameters)


@pytest.fixture(scope="module")
def world():
    return imagined(PARAMETERS)


def whole_days(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def situation_on(spells: pd.DataFrame, person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """True situation of each person on each day (a person's first spell has begun by then)."""
    starts = spells["person"].to_numpy() * 10**6 + whole_days(spells["start"])
    return spells["situation"].to_numpy()[np.searchsorted(starts, person * 10**6 + day, "right") - 1]


def listed_children(persons: pd.DataFrame, frame: pd.DataFrame) -> int:
    return int((persons["role"].to_numpy()[frame["person"].to_numpy()] == "child").sum())


# ------------------------------------------------------------------------------------------------- lives


def test_each_household_has_one_head(world):
    persons = world[0]
    assert (persons["role"] == "head").groupby(persons["household"]).sum().eq(1).all()


def test_a_spell_begins_where_the_one_before_ends(world):
    _, spells, _, _ = world
    following = spells.shift(-1)
    same = spells["person"] == following["person"]
    assert (spells["end"][same] == following["start"][same]).all()
    assert (spells["next_situation"][same] == following["situation"][same]).all()
    assert (spells["end"].isna() | (spells["end"] > spells["start"])).all()


def test_a_last_spell_has_no_end(world):
    _, spells, _, _ = world
    is_last = spells["person"] != spells["person"].shift(-1)
    assert spells.loc[is_last, "end"].isna().all()
    assert (spells.loc[is_last, "next_situation"] == "").all()


def test_nobody_lives_after_death(world):
    _, spells, _, _ = world
    is_last = spells["person"] != spells["person"].shift(-1)
    assert is_last[spells["situation"] == "deceased"].all()


def test_every_situation_occurs(world):
    assert set(world[1]["situation"]) == set(SITUATIONS)


def test_the_stock_is_the_one_asked_for_at_every_month_end(world):
    person_months = world[3]
    stock = person_months[person_months["is_homeless"]].groupby("month_end").size()
    assert len(stock) == PARAMETERS.months
    assert stock.between(0.85 * PARAMETERS.persons, 1.15 * PARAMETERS.persons).all()


# ------------------------------------------------------------------------------------------ observations


@pytest.mark.parametrize("extract", CONTACTS)
def test_a_contact_without_a_home_is_of_someone_without_a_home(world, extract):
    _, spells, observed, _ = world
    date, situation = CONTACTS[extract]
    frame = observed[extract]
    said_homeless = frame[frame[situation].isin(HOMELESS)]
    lived = situation_on(spells, said_homeless["person"].to_numpy(), whole_days(said_homeless[date]))
    assert len(said_homeless) > 100
    assert np.isin(lived, HOMELESS).all()


def test_a_domiciliation_is_renewed_by_someone_without_a_home(world):
    _, spells, observed, _ = world
    frame = observed["ccas", "domiciliations"]
    renewed = frame[frame["date_renouvellement"].notna()]
    lived = situation_on(spells, renewed["person"].to_numpy(), whole_days(renewed["date_renouvellement"]))
    assert len(renewed) > 100
    assert np.isin(lived, HOMELESS).all()
    assert (renewed["date_renouvellement"] > renewed["date_election"]).all()
    assert (renewed["date_renouvellement"] <= renewed["date_dernier_passage"]).all()


def test_files_tell_no_future(world):
    for frame in (frame for key, frame in world[2].items() if key != EVIDENCE):
        assert frame["month"].between(0, PARAMETERS.months - 1).all()
        ends = PARAMETERS.month_edges[frame["month"].to_numpy() + 1]
        for column in frame.select_dtypes("datetime"):
            known = frame[column].notna().to_numpy()
            assert (whole_days(frame.loc[known, column]) < ends[known]).all(), column


def test_children_are_listed_where_households_are_and_not_by_who_meets_adults(world):
    persons, _, observed, _ = world
    assert all(listed_children(persons, observed[extract]) == 0 for extract in ADULTS_ONLY)
    assert all(listed_children(persons, observed[extract]) > 0 for extract in WITH_CHILDREN)


def test_some_exits_are_never_written(world):
    _, spells, observed, _ = world
    stays = observed["hebergement", "sejours"]
    last_month = stays[(stays["month"] == PARAMETERS.months - 1) & stays["sortie"].isna()]
    day = np.full(len(last_month), PARAMETERS.end_day - 1)
    gone = situation_on(spells, last_month["person"].to_numpy(), day) != last_month["dispositif"].to_numpy()
    assert 0 < gone.mean() < 0.1


def test_a_local_number_is_of_one_person_and_few_persons_have_two(world):
    visits = world[2]["accueil_jour", "passages"]
    assert visits.groupby("local_id")["person"].nunique().eq(1).all()
    assert 0 < (visits.groupby("person")["local_id"].nunique() > 1).mean() < 0.04


@pytest.mark.parametrize(("operator", "extract"), [("hebergement", "capacites"), ("logement", "capacites")])
def test_no_more_places_are_taken_than_there_are(world, operator, extract):
    capacities = world[2][operator, extract]
    assert (capacities["places_occupees"] <= capacities["places"]).all()
    assert (capacities["person"] == -1).all()


# ------------------------------------------------------------------------------------------------- truth


def test_most_homeless_persons_are_seen(world):
    person_months = world[3]
    assert 0.90 < person_months.loc[person_months["is_homeless"], "is_seen"].mean() < 0.98


def test_the_truth_follows_the_spells(world):
    persons, spells, _, person_months = world
    row = pd.Series(np.arange(len(persons)), index=persons["person_id"])[person_months["person_id"]].to_numpy()
    lived = situation_on(spells, row, whole_days(person_months["month_end"]))
    assert (person_months["situation"].to_numpy() == lived).all()
    assert (person_months["is_homeless"].to_numpy() == np.isin(lived, HOMELESS)).all()


def seen_of_one(*evidence: tuple[int, int, str]) -> list[bool]:
    """is_seen at the ends of January to June 2024: (first day, last day, situation) of what was seen, day 0 first."""
    parameters = Parameters(persons=20, months=6, start="2024-01")
    persons = pd.DataFrame({"person_id": ["P1"]})
    spells = pd.DataFrame(
        {
            "person": [0],
            "start": [np.datetime64("2023-12-01")],
            "end": [np.datetime64("NaT")],
            "situation": ["street"],
        }
    )
    start, end, situation = zip(*evidence, strict=True)
    days = {"start": parameters.first_day + np.array(start), "end": parameters.first_day + np.array(end)}
    frame = pd.DataFrame({"person": 0, **days, "situation": situation})
    return truth.person_months(persons, spells, {EVIDENCE: frame}, parameters)["is_seen"].tolist()


def test_a_contact_counts_for_ninety_days():
    # 31 January is day 30: 90 days later is 30 April, day 120.
    assert seen_of_one((30, 30, "street")) == [True, True, True, True, False, False]
    assert seen_of_one((29, 29, "street")) == [True, True, True, False, False, False]


def test_a_stay_counts_until_its_last_day_and_no_further():
    assert seen_of_one((0, 40, "hotel")) == [True, True, True, True, False, False]
    assert seen_of_one((0, 10**6, "hotel")) == [True] * 6


@pytest.mark.parametrize("situation", [*HOUSED, "left_territory", "deceased"])
def test_who_is_housed_gone_or_dead_is_seen_no_more(situation):
    assert seen_of_one((0, 44, "hotel"), (45, 45, situation)) == [True, False, False, False, False, False]


def test_who_comes_back_is_seen_again():
    seen = seen_of_one((0, 9, "hotel"), (10, 10, "own_housing"), (100, 100, "street"))
    assert seen == [False, False, False, True, True, True]


# ------------------------------------------------------------------------------------------- determinism


def test_the_same_seed_lives_the_same_lives():
    small = Parameters(persons=60, months=3, seed=5)
    first, second = imagined(small), imagined(small)
    pd.testing.assert_frame_equal(first[1], second[1])
    pd.testing.assert_frame_equal(first[3], second[3])
    for extract, frame in first[2].items():
        pd.testing.assert_frame_equal(frame, second[2][extract])
