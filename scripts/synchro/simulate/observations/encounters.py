"""Operators that meet people: the 115, the day centre, street outreach, and the CCAS where they have their mail."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.observations.common import NEVER, World, as_dates, blanked, contacts, household_ids, local_ids

CALLS = {
    "street": 1.3,
    "squat_camp": 0.15,
    "night_shelter": 0.7,
    "third_party": 0.5,
    "institution_exit": 1.5,
    "eviction_threat": 0.05,
}
VISITS = {
    "street": 2.6,
    "squat_camp": 1.2,
    "night_shelter": 2.2,
    "third_party": 1.0,
    "institution_exit": 1.0,
    "emergency_shelter": 0.3,
    "hotel": 0.1,
}
ROUNDS = {"street": 1.4, "squat_camp": 1.1}
ACTS = {"street": 1.2, "squat_camp": 1.1, "night_shelter": 1.0, "third_party": 0.9, "emergency_shelter": 0.3}
DAY_CENTRE_SHARE, OUTREACH_SHARE, DOMICILED_SHARE = 0.65, 0.6, 0.6
ANSWERS = {"no_place": 0.46, "oriented": 0.34, "refused_by_user": 0.08, "no_answer": 0.08, "other": 0.04}
# A domiciliation lasts a year; one that is not renewed leaves the list.
DOMICILIATION_DAYS = 365


def calls(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """115: one row per call of the head of a household, retyped each time."""
    heads = (world.persons["role"] == "head").to_numpy()
    seen = contacts(world, CALLS, heads, rng)
    # The same night several calls: some people ring until there is a place.
    again = seen[rng.random(len(seen)) < 0.12]
    seen = pd.concat([seen, again], ignore_index=True)
    person, day = seen["person"].to_numpy(), seen["day"].to_numpy()
    said = _declared(seen["situation"].to_numpy(), 0.05, 0.04, rng)
    world.evidence.add(person, day, day, seen["situation"].to_numpy())
    return pd.DataFrame(
        {
            "month": world.month_of(day),
            "person": person,
            "household_local_id": household_ids(world, person, "D"),
            "date_appel": as_dates(day) + rng.integers(17 * 3600, 24 * 3600, len(seen)).astype("timedelta64[s]"),
            "sexe": world.attribute("sex", person),
            "composition_familiale": blanked(world.attribute("household_type", person), 0.04, rng),
            "commune_appel": blanked(seen["commune"], 0.03, rng, "unknown"),
            "situation": said,
            "duree_demandee": rng.choice([1.0, 3.0, 7.0, np.nan], len(seen), p=[0.5, 0.3, 0.1, 0.1]),
            "reponse": rng.choice(list(ANSWERS), len(seen), p=list(ANSWERS.values())),
        }
    )


def visits(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Day centre: one row per visit of a regular."""
    regulars = world.is_adult & (rng.random(len(world.persons)) < DAY_CENTRE_SHARE)
    seen = contacts(world, VISITS, regulars, rng)
    person, day = seen["person"].to_numpy(), seen["day"].to_numpy()
    world.evidence.add(person, day, day, seen["situation"].to_numpy())
    return pd.DataFrame(
        {
            "month": world.month_of(day),
            "person": person,
            "local_id": local_ids(world, person, "AJ-", rng),
            "sexe": world.attribute("sex", person),
            "date_passage": as_dates(day),
            "dort_ou": _declared(seen["situation"].to_numpy(), 0.06, 0.05, rng),
        }
    )


def rounds(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Street outreach: one row per encounter; half of what is asked is not told."""
    known = world.is_adult & (rng.random(len(world.persons)) < OUTREACH_SHARE)
    seen = contacts(world, ROUNDS, known, rng)
    person, day = seen["person"].to_numpy(), seen["day"].to_numpy()
    world.evidence.add(person, day, day, seen["situation"].to_numpy())
    return pd.DataFrame(
        {
            "month": world.month_of(day),
            "person": person,
            "local_id": local_ids(world, person, "M", rng),
            "sexe": blanked(world.attribute("sex", person), 0.03, rng),
            "date_rencontre": as_dates(day),
            "secteur": blanked(seen["commune"], 0.05, rng),
            "lieu_de_vie": _declared(seen["situation"].to_numpy(), 0.03, 0.02, rng),
        }
    )


def domiciliations(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """CCAS: each month, every domiciliation in force, with the day of the last visit."""
    domiciled = world.is_adult & (rng.random(len(world.persons)) < DOMICILED_SHARE)
    seen = contacts(world, ACTS, domiciled, rng, before_days=2 * DOMICILIATION_DAYS)
    seen = seen.sort_values(["person", "day"], kind="stable", ignore_index=True)
    codes, people = pd.factorize(seen["person"])
    elected = seen["day"].to_numpy()[np.searchsorted(codes, np.arange(len(people)))]
    last = _last_visits(world, codes, seen["day"].to_numpy(), len(people))
    row, month = np.nonzero(last >= 0)
    visit = last[row, month]
    day = seen["day"].to_numpy()[visit]
    month_end = world.parameters.month_edges[month + 1] - 1
    years = (day - elected[row]) // DOMICILIATION_DAYS
    renewed = _renewal_days(codes, seen["day"].to_numpy(), row, elected[row] + years * DOMICILIATION_DAYS)
    in_force = month_end - renewed < DOMICILIATION_DAYS
    row, month, visit, day = row[in_force], month[in_force], visit[in_force], day[in_force]
    years, renewed = years[in_force], renewed[in_force]
    person = people[row]
    situation = seen["situation"].to_numpy()[visit]
    world.evidence.add(person, day, day, situation)
    return pd.DataFrame(
        {
            "month": month,
            "person": person,
            "local_id": local_ids(world, people, "DOM", rng)[row],
            "civilite": world.attribute("sex", person),
            "date_election": as_dates(elected[row]),
            "date_renouvellement": as_dates(renewed, years > 0),
            "date_dernier_passage": as_dates(day),
            "situation_logement": _declared(situation, 0.04, 0.03, rng),
            "situation_familiale": blanked(world.attribute("household_type", person), 0.05, rng),
            "ressources": blanked(world.attribute("resources", person), 0.05, rng, "unknown"),
        }
    )


def _renewal_days(codes: np.ndarray, days: np.ndarray, row: np.ndarray, anniversary: np.ndarray) -> np.ndarray:
    """Day of the first visit of each row's person from the anniversary on (visits sorted by person and day).

    Renewed on a visit, so that renewing is as good a sign as visiting: on the anniversary the person may be housed.
    """
    return days[np.searchsorted(codes * NEVER + days, row * NEVER + anniversary)]


def _last_visits(world: World, codes: np.ndarray, days: np.ndarray, people: int) -> np.ndarray:
    """people x months: the row of the last visit by the end of the month, -1 before the first."""
    months = world.parameters.months
    last = np.full((people, months), -1)
    month = np.maximum(world.month_of(days), 0)
    np.maximum.at(last, (codes, month), np.arange(len(days)))
    return np.maximum.accumulate(last, axis=1)


def _declared(situation: np.ndarray, blank: float, unknown: float, rng: np.random.Generator) -> np.ndarray:
    return blanked(blanked(situation, blank, rng), unknown, rng, "unknown")
