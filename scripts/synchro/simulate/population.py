"""Who lives in the territory: households and their members.

Households arrive evenly over the burn-in and the months simulated. How many is found by a first, smaller draw of
lives: the stock it gives is proportional to the number of households.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.parameters import Parameters

HOUSEHOLD_TYPES = {
    "single": 0.64,
    "couple_without_children": 0.06,
    "couple_with_children": 0.10,
    "single_mother": 0.13,
    "single_father": 0.02,
    "adult_group": 0.05,
}
ORIGINS = {
    "french": 0.42,
    "maghreb": 0.15,
    "west_africa": 0.14,
    "balkan": 0.09,
    "afghan": 0.07,
    "horn_of_africa": 0.07,
    "other_europe": 0.06,
}
# Administrative status by origin: the asylum seekers among them begin in the asylum system.
STATUSES = {
    "french": {"french": 1.0},
    "other_europe": {"eu_citizen": 0.85, "residence_permit": 0.15},
    "maghreb": {"french": 0.25, "residence_permit": 0.45, "undocumented": 0.25, "asylum_seeker": 0.05},
    "west_africa": {"residence_permit": 0.30, "undocumented": 0.30, "asylum_seeker": 0.40},
    "balkan": {"residence_permit": 0.30, "undocumented": 0.30, "asylum_seeker": 0.40},
    "afghan": {"protected": 0.25, "asylum_seeker": 0.75},
    "horn_of_africa": {"protected": 0.25, "asylum_seeker": 0.75},
}
RESOURCES = {
    "none": 0.36,
    "rsa": 0.30,
    "aah": 0.07,
    "wages": 0.12,
    "unemployment": 0.06,
    "pension": 0.04,
    "ada": 0.05,
}
# Persons without a home at one time for a household that arrives each month, as a first guess.
GUESSED_STOCK_PER_ARRIVAL = 14.0


def build_population(parameters: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person: identity apart from the name, household, and the day of arrival.

    The number of households is the guess corrected by the stock that a draw of the guess gives.
    """
    # The lives of a first draw tell how many households make the wanted stock.
    from synchro.simulate.trajectories import build_trajectories, mean_stock

    months = (parameters.burn_in_days + parameters.end_day - parameters.first_day) / 30.4
    # A small territory is calibrated on a larger draw: chance would rule it otherwise.
    wanted = max(parameters.persons, 4000)
    trial_households = round(wanted / GUESSED_STOCK_PER_ARRIVAL * months)
    trial_rng, lives_rng, final_rng = rng.spawn(3)
    trial = _draw(trial_households, parameters, trial_rng)
    stock = mean_stock(build_trajectories(trial, parameters, lives_rng), parameters)
    return _draw(round(trial_households * parameters.persons / stock), parameters, final_rng)


def _draw(households: int, parameters: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    kinds = rng.choice(list(HOUSEHOLD_TYPES), households, p=list(HOUSEHOLD_TYPES.values()))
    adults = np.select([np.isin(kinds, ("couple_without_children", "couple_with_children", "adult_group"))], [2], 1)
    has_children = np.isin(kinds, ("couple_with_children", "single_mother", "single_father"))
    children = np.where(has_children, 1 + rng.binomial(3, 0.3, households), 0)
    sizes = adults + children
    household = np.repeat(np.arange(households), sizes)
    place = np.arange(len(household)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    is_child = place >= adults[household]
    kind = kinds[household]
    role = np.select([place == 0, is_child, kind == "adult_group"], ["head", "child", "other"], "partner")
    arrived = _arrivals(households, parameters, rng)[household]
    origin = rng.choice(list(ORIGINS), households, p=list(ORIGINS.values()))
    sex = _sexes(kind, place, is_child, rng)
    persons = pd.DataFrame(
        {
            "person_id": [f"P{number:07d}" for number in range(1, len(household) + 1)],
            "household": household,
            "role": role,
            "sex": sex,
            "birth_date": (arrived - _ages_in_days(is_child, rng)).astype("datetime64[D]"),
            "origin": origin[household],
            "household_type": kind,
            "administrative_status": _statuses(origin, rng)[household],
            "resources": rng.choice(list(RESOURCES), households, p=list(RESOURCES.values()))[household],
            "arrived_on": arrived.astype("datetime64[D]"),
        }
    )
    in_couple = np.isin(kind, ("couple_without_children", "couple_with_children")) & ~is_child
    persons["is_married"] = in_couple | (~is_child & (rng.random(len(persons)) < 0.15))
    return persons


def _arrivals(households: int, parameters: Parameters, rng: np.random.Generator) -> np.ndarray:
    """Days since 1970, evenly spread: a territory in a steady state."""
    start = parameters.first_day - parameters.burn_in_days
    return np.sort(rng.integers(start, parameters.end_day, households))


def _sexes(kind: np.ndarray, place: np.ndarray, is_child: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Couples are a man and a woman here; most persons alone on the street are men."""
    share_of_women = np.select(
        [is_child, kind == "single", kind == "single_mother", kind == "single_father", kind == "adult_group"],
        [0.49, 0.20, 1.0, 0.0, 0.30],
        np.where(place == 0, 0.25, 0.5),
    )
    women = rng.random(len(kind)) < share_of_women
    second_of_couple = (place == 1) & ~is_child & np.isin(kind, ("couple_without_children", "couple_with_children"))
    women[second_of_couple] = ~women[np.flatnonzero(second_of_couple) - 1]
    return np.where(women, "female", "male")


def _ages_in_days(is_child: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    adult_years = 18 + rng.gamma(2.6, 8.5, len(is_child))
    child_years = 17.5 * rng.beta(1.1, 1.6, len(is_child))
    return (np.where(is_child, child_years, np.minimum(adult_years, 82)) * 365.25).astype(np.int64)


def _statuses(origin: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    statuses = np.empty(len(origin), dtype=object)
    for name, shares in STATUSES.items():
        chosen = origin == name
        statuses[chosen] = rng.choice(list(shares), int(chosen.sum()), p=list(shares.values()))
    return statuses
