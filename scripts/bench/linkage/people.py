"""Made-up lists of any size: the names, families and errors of `synchro simulate`, without its lives.

The pools of names do not grow with the list, so namesakes do, as in a real list.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.identities import write_identities
from synchro.simulate.names import draw_names
from synchro.simulate.parameters import IdentityErrors
from synchro.simulate.population import ORIGINS

# Share of persons with that many records.
RECORDS_OF_A_PERSON = {1: 0.70, 2: 0.20, 3: 0.07, 4: 0.03}
ROLES = ("head", "partner", "child", "child")
HOUSEHOLD_SIZES = {1: 0.70, 2: 0.12, 3: 0.10, 4: 0.08}
OPERATORS = ("siao_115", "accueil_jour", "maraude", "ccas", "hebergement", "syplo")
UNKNOWN_SEX = 0.03
FIRST_BIRTH, ADULT_BIRTH, LAST_BIRTH = (np.datetime64(day) for day in ("1945-01-01", "2006-01-01", "2024-01-01"))


def made_up_people(records: int, seed: int = 1) -> pd.DataFrame:
    """`records` rows of id, source, entity, last_name, first_name, birth_date (ISO), sex; None if missing.

    Same arguments, same rows.
    """
    rng = np.random.default_rng(seed)
    mean = sum(copies * share for copies, share in RECORDS_OF_A_PERSON.items())
    persons = _persons(int(records / mean * 1.1) + 10, rng)
    copies = _choice(RECORDS_OF_A_PERSON, len(persons), rng)
    rows = np.repeat(np.arange(len(persons)), copies)[:records]
    truth = persons.iloc[rows].reset_index(drop=True)
    source = rng.choice(np.array(OPERATORS, dtype=object), records)
    written = pd.concat(
        write_identities(truth[source == operator], operator, IdentityErrors(), rng) for operator in OPERATORS
    ).sort_index()
    people = pd.DataFrame({"source": source, "entity": rows})
    for name in ("last_name", "first_name"):
        people[name] = written[name].astype(object).where(written[name] != "", None)
    days = written["birth_date"].dt.strftime("%Y-%m-%d").astype(object)
    people["birth_date"] = days.where(written["birth_date"].notna(), None)
    people["sex"] = np.where(rng.random(records) < UNKNOWN_SEX, "unknown", truth["sex"])
    people = people.iloc[rng.permutation(records)].reset_index(drop=True)
    people.insert(0, "id", [f"r{row:07}" for row in range(records)])
    return people


def _persons(at_least: int, rng: np.random.Generator) -> pd.DataFrame:
    """Households of one to four persons, who share a last name as families do."""
    sizes = _choice(HOUSEHOLD_SIZES, at_least, rng)
    household = np.repeat(np.arange(at_least), sizes)[:at_least]
    place = np.arange(at_least) - np.searchsorted(household, household)
    role = np.array(ROLES, dtype=object)[place]
    sex = np.where(rng.random(at_least) < 0.6, "male", "female")
    origin = rng.choice(np.array(list(ORIGINS), dtype=object), at_least, p=list(ORIGINS.values()))[household]
    is_child = role == "child"
    start, end = (np.where(is_child, *days).astype("datetime64[D]").astype(np.int64) for days in _birth_days())
    persons = pd.DataFrame({"household": household, "role": role, "sex": sex, "origin": origin})
    persons["is_married"] = role == "partner"
    persons = persons.join(draw_names(persons, rng))
    persons["birth_date"] = (start + (rng.random(at_least) * (end - start)).astype(np.int64)).astype("datetime64[D]")
    return persons


def _birth_days() -> tuple[tuple[np.datetime64, np.datetime64], tuple[np.datetime64, np.datetime64]]:
    """First and last day of birth, each for children and for adults."""
    return (ADULT_BIRTH, FIRST_BIRTH), (LAST_BIRTH, ADULT_BIRTH)


def _choice(shares: dict[int, float], count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(list(shares), count, p=list(shares.values()))
