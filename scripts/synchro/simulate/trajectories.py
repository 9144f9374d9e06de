"""How households live: a chain of situations, each of random length (semi-Markov), followed by their members.

A household draws a situation, stays for an exponential time, and moves on by a table of its class (alone, family,
asylum). Members follow the head, but for those who die, and for heads and adults who leave the others.
Each round of the loop draws the next situation of all households at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.parameters import Parameters

HOMELESS = (
    "street",
    "squat_camp",
    "night_shelter",
    "emergency_shelter",
    "hotel",
    "transitional_shelter",
    "asylum_accommodation",
    "third_party",
    "institution_exit",
)
HOUSED = ("supported_housing", "own_housing")
SITUATIONS = (*HOMELESS, "asylum_procedure", "eviction_threat", *HOUSED, "left_territory", "deceased")
CODE = {name: code for code, name in enumerate(SITUATIONS)}
MEAN_DAYS = {
    "street": 60,
    "squat_camp": 110,
    "night_shelter": 25,
    "emergency_shelter": 130,
    "hotel": 150,
    "transitional_shelter": 240,
    "asylum_accommodation": 130,
    "third_party": 75,
    "institution_exit": 20,
    "asylum_procedure": 260,
    "eviction_threat": 70,
    "supported_housing": 700,
    "own_housing": 700,
    "left_territory": 500,
    "deceased": 10**7,
}
# Share of those who get there that never move on. The others do within a few years, so that the burn-in holds as
# many returns as the months simulated: a longer mean alone would make the stock grow all along.
SETTLED = {"supported_housing": 0.60, "own_housing": 0.85, "left_territory": 0.80, "deceased": 1.0}
FOR_EVER_DAYS = 10**6
STRUCTURED = {
    "night_shelter": "HDN",
    "emergency_shelter": "CHU",
    "hotel": "HOTEL",
    "transitional_shelter": "CHRS",
    "supported_housing": "PF",
    "own_housing": "LOG",
}
PERSONS_PER_STRUCTURE = 90
COMMUNES = {
    "21231": 0.66,
    "21166": 0.08,
    "21617": 0.06,
    "21515": 0.06,
    "21355": 0.04,
    "21278": 0.03,
    "21171": 0.02,
    "21540": 0.02,
    "21390": 0.01,
    "21485": 0.01,
    "21452": 0.01,
}
# How each class begins, and where it goes next; what is left of 1 dies.
STARTS = {
    "alone": {
        "street": 0.42,
        "third_party": 0.26,
        "institution_exit": 0.14,
        "eviction_threat": 0.08,
        "squat_camp": 0.10,
    },
    "family": {"third_party": 0.40, "street": 0.22, "hotel": 0.16, "eviction_threat": 0.16, "squat_camp": 0.06},
    "asylum": {"asylum_procedure": 0.85, "street": 0.15},
}
_SHELTER_EXITS = {"own_housing": 0.26, "supported_housing": 0.16, "left_territory": 0.07}
NEXT = {
    "alone": {
        "street": {
            "night_shelter": 0.15,
            "emergency_shelter": 0.36,
            "third_party": 0.12,
            "squat_camp": 0.09,
            "institution_exit": 0.05,
            "transitional_shelter": 0.06,
            "left_territory": 0.10,
            "own_housing": 0.03,
            "supported_housing": 0.03,
        },
        "squat_camp": {"street": 0.38, "emergency_shelter": 0.34, "third_party": 0.10, "left_territory": 0.17},
        "night_shelter": {
            "street": 0.42,
            "emergency_shelter": 0.44,
            "transitional_shelter": 0.09,
            "left_territory": 0.04,
        },
        "emergency_shelter": {"street": 0.22, "third_party": 0.08, "transitional_shelter": 0.20, **_SHELTER_EXITS},
        "hotel": {"emergency_shelter": 0.40, "street": 0.20, "own_housing": 0.20, "supported_housing": 0.18},
        "transitional_shelter": {
            "street": 0.07,
            "third_party": 0.05,
            "own_housing": 0.47,
            "supported_housing": 0.34,
            "left_territory": 0.06,
        },
        "third_party": {"street": 0.45, "emergency_shelter": 0.22, "own_housing": 0.19, "left_territory": 0.135},
        "institution_exit": {"street": 0.58, "emergency_shelter": 0.36, "third_party": 0.05},
        "eviction_threat": {"street": 0.25, "third_party": 0.30, "own_housing": 0.43, "emergency_shelter": 0.015},
    },
    "family": {
        "street": {"hotel": 0.62, "emergency_shelter": 0.24, "third_party": 0.09, "left_territory": 0.048},
        "squat_camp": {"hotel": 0.42, "street": 0.18, "emergency_shelter": 0.22, "left_territory": 0.177},
        "hotel": {
            "emergency_shelter": 0.28,
            "transitional_shelter": 0.16,
            "own_housing": 0.31,
            "supported_housing": 0.15,
            "third_party": 0.05,
            "left_territory": 0.048,
        },
        "emergency_shelter": {
            "transitional_shelter": 0.22,
            "hotel": 0.14,
            "third_party": 0.06,
            "own_housing": 0.36,
            "supported_housing": 0.16,
            "left_territory": 0.058,
        },
        "transitional_shelter": {
            "own_housing": 0.66,
            "supported_housing": 0.25,
            "third_party": 0.04,
            "left_territory": 0.048,
        },
        "third_party": {
            "hotel": 0.36,
            "emergency_shelter": 0.20,
            "street": 0.10,
            "own_housing": 0.26,
            "left_territory": 0.078,
        },
        "eviction_threat": {"third_party": 0.26, "hotel": 0.16, "own_housing": 0.56, "street": 0.018},
    },
}
for _table in (NEXT["alone"], NEXT["family"]):
    _table["asylum_procedure"] = {"asylum_accommodation": 0.80, "street": 0.10, "left_territory": 0.099}
    _table["asylum_accommodation"] = {
        "own_housing": 0.33,
        "supported_housing": 0.20,
        "emergency_shelter": 0.16,
        "street": 0.12,
        "third_party": 0.10,
        "left_territory": 0.088,
    }
    # Back without a home: about one household in nine over three years after ordinary housing.
    _table["own_housing"] = {"third_party": 0.45, "street": 0.45, "left_territory": 0.08}
    _table["supported_housing"] = {"street": 0.25, "third_party": 0.20, "own_housing": 0.45, "left_territory": 0.07}
    _table["left_territory"] = {"street": 0.60, "third_party": 0.39}
NEXT["family"]["night_shelter"] = NEXT["family"]["institution_exit"] = NEXT["family"]["street"]
# Members apart: a year's risk of dying, of leaving the others (adults who are not the head), of a head leaving.
DEATHS_PER_YEAR = 0.012
ADULTS_LEAVING_PER_YEAR = 0.03
HEADS_LEAVING_PER_YEAR = 0.03


def build_trajectories(persons: pd.DataFrame, parameters: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person and spell: person (row of `persons`), household, start, end (exclusive, NaT if it lasts
    beyond the months simulated), situation, next_situation ('' if none), structure, commune; in order.
    """
    life_rng, place_rng, member_rng = rng.spawn(3)
    lives = _household_lives(persons, parameters, life_rng)
    _place(lives, parameters, place_rng)
    spells = _members_follow(persons, lives)
    return _as_frame(_depart(spells, persons, parameters, member_rng), parameters)


def mean_stock(spells: pd.DataFrame, parameters: Parameters) -> float:
    """Mean number of persons without a home at the month ends simulated."""
    homeless = spells[spells["situation"].isin(HOMELESS)]
    starts = np.sort(homeless["start"].to_numpy().astype("datetime64[D]").astype(np.int64))
    ends = homeless["end"].to_numpy().astype("datetime64[D]")
    ends = np.sort(np.where(np.isnat(ends), np.iinfo(np.int64).max, ends.astype(np.int64)))
    month_ends = parameters.month_edges[1:] - 1
    counts = np.searchsorted(starts, month_ends, "right") - np.searchsorted(ends, month_ends, "right")
    return float(counts.mean())


def _household_lives(persons: pd.DataFrame, parameters: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    """Spells of households, by rounds: (household, start, end, situation, next), days since 1970."""
    heads = persons[persons["role"] == "head"]
    has_children = heads["household_type"].str.contains("children|mother|father") & (
        heads["household_type"] != "couple_without_children"
    )
    table = np.where(has_children, 1, 0)
    begins = np.where(heads["administrative_status"] == "asylum_seeker", 2, table)
    household = heads["household"].to_numpy()
    day = heads["arrived_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    state = _choose(begins, _start_tables(), rng)
    means = np.array([MEAN_DAYS[name] for name in SITUATIONS], dtype=float)
    settled = np.array([SETTLED.get(name, 0.0) for name in SITUATIONS])
    transitions = _transition_tables()
    rounds = []
    while len(household):
        lengths = 1 + np.floor(rng.exponential(means[state])).astype(np.int64)
        lengths[rng.random(len(state)) < settled[state]] = FOR_EVER_DAYS
        following = _choose(table * len(SITUATIONS) + state, transitions, rng)
        rounds.append(np.column_stack([household, day, day + lengths, state, following]))
        day = day + lengths
        going = (day < parameters.end_day) & (state != CODE["deceased"])
        household, day, state, table = household[going], day[going], following[going], table[going]
    lives = pd.DataFrame(np.concatenate(rounds), columns=["household", "start", "end", "state", "following"])
    return lives.sort_values(["household", "start"], kind="stable", ignore_index=True)


def _start_tables() -> np.ndarray:
    return np.array([_probabilities(STARTS[name]) for name in ("alone", "family", "asylum")])


def _transition_tables() -> np.ndarray:
    """One row of probabilities per class and situation."""
    absorbing = {"deceased": 1.0}
    return np.array(
        [_probabilities(NEXT[name].get(state, absorbing)) for name in ("alone", "family") for state in SITUATIONS]
    )


def _probabilities(shares: dict[str, float]) -> np.ndarray:
    row = np.array([shares.get(name, 0.0) for name in SITUATIONS])
    row[CODE["deceased"]] += max(0.0, 1 - row.sum())
    return row / row.sum()


def _choose(rows: np.ndarray, tables: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A situation for each element, by the probabilities of its row."""
    cumulated = np.cumsum(tables, axis=1)
    draws = rng.random(len(rows))
    return np.minimum((draws[:, None] >= cumulated[rows]).sum(axis=1), len(SITUATIONS) - 1)


def _place(lives: pd.DataFrame, parameters: Parameters, rng: np.random.Generator) -> None:
    """A structure for stays and dwellings (each in one commune), and the household's commune elsewhere."""
    codes, shares = list(COMMUNES), list(COMMUNES.values())
    households = int(lives["household"].max()) + 1
    home = rng.choice(len(codes), households, p=shares)[lives["household"]]
    structures = max(3, parameters.persons // PERSONS_PER_STRUCTURE)
    number = rng.integers(1, structures + 1, len(lives))
    prefixes = np.array([STRUCTURED.get(name, "") for name in SITUATIONS], dtype=object)[lives["state"]]
    # The commune of a structure follows from its number, so that it never moves.
    of_structure = rng.choice(len(codes), structures + 1, p=shares)[number]
    is_placed = (prefixes != "") & ~np.isin(prefixes, ("LOG",))
    lives["structure"] = np.where(
        prefixes == "", "", prefixes + "-" + pd.Series(number).astype(str).str.zfill(3).to_numpy()
    )
    lives["commune"] = np.array(codes, dtype=object)[np.where(is_placed, of_structure, home)]


def _members_follow(persons: pd.DataFrame, lives: pd.DataFrame) -> pd.DataFrame:
    """The spells of every member: those of the household."""
    members = pd.DataFrame({"household": persons["household"].to_numpy(), "person": np.arange(len(persons))})
    spells = members.merge(lives, on="household", how="inner", sort=False)
    return spells.sort_values(["person", "start"], kind="stable", ignore_index=True)


def _depart(
    spells: pd.DataFrame, persons: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Cut the spells of who dies or leaves the others, and add what comes then."""
    arrived = persons["arrived_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    shared = persons.groupby("household")["household"].transform("size").to_numpy() > 1
    is_head, is_child = (persons["role"] == role for role in ("head", "child"))
    leaving = np.select([~shared | is_child, is_head], [0.0, HEADS_LEAVING_PER_YEAR], ADULTS_LEAVING_PER_YEAR)
    dies = arrived + _waiting_days(np.full(len(persons), DEATHS_PER_YEAR), rng)
    leaves = arrived + _waiting_days(leaving, rng)
    gone = np.minimum(dies, leaves)
    after = np.where(dies <= leaves, CODE["deceased"], CODE["left_territory"])
    cut = gone[spells["person"]]
    kept = spells[spells["start"].to_numpy() < cut].copy()
    cut = cut[spells["start"].to_numpy() < cut]
    # A spell that ends that very day is cut too: what would have followed it is not lived.
    is_cut = (kept["end"].to_numpy() >= cut) & (cut < parameters.end_day)
    # Who is already dead with the household, or away, departs no more, and does not come back.
    ended = kept["state"].isin([CODE["deceased"], CODE["left_territory"]]).to_numpy()
    kept.loc[is_cut & ended, "end"] = parameters.end_day
    is_cut &= ~ended
    kept.loc[is_cut, "end"] = cut[is_cut]
    kept.loc[is_cut, "following"] = after[kept.loc[is_cut, "person"]]
    last = kept[is_cut].copy()
    last["start"], last["end"] = last["end"], last["end"] + 10**6
    last["state"], last["following"] = last["following"], -1
    last["structure"] = ""
    return pd.concat([kept, last]).sort_values(["person", "start"], kind="stable", ignore_index=True)


def _waiting_days(yearly: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Days until an event of this yearly risk; beyond any horizon where there is none."""
    draws = rng.exponential(1.0, len(yearly))
    return np.where(yearly > 0, 30 + draws * 365.25 / np.maximum(yearly, 1e-9), 1e9).astype(np.int64)


def _as_frame(spells: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    names = np.array([*SITUATIONS, ""], dtype=object)
    lasts = spells["end"].to_numpy() >= parameters.end_day
    end = spells["end"].to_numpy().astype("datetime64[D]")
    end[lasts] = np.datetime64("NaT")
    following = np.where(lasts | (spells["state"] == CODE["deceased"]), -1, spells["following"])
    return pd.DataFrame(
        {
            "person": spells["person"].to_numpy(),
            "household": spells["household"].to_numpy(),
            "start": spells["start"].to_numpy().astype("datetime64[D]"),
            "end": end,
            "situation": names[spells["state"]],
            "next_situation": names[following],
            "structure": spells["structure"].to_numpy(),
            "commune": spells["commune"].to_numpy(),
        }
    )
