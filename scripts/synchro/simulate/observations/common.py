"""What every family of operators shares: who lives where when, as arrays of days, and the log of what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from synchro.simulate.parameters import DAYS_PER_MONTH, Parameters

# A date that never comes, in days since 1970-01-01.
NEVER = 10**6
FAMILIES = ("couple_with_children", "single_mother", "single_father")


@dataclass
class Evidence:
    """What operators saw of true persons: intervals of homeless or other situations, for the truth's `is_seen`."""

    parts: list[pd.DataFrame] = field(default_factory=list)

    def add(self, person: np.ndarray, start: np.ndarray, end: np.ndarray, situation: np.ndarray) -> None:
        """`start` and `end` (included) are days since 1970; one row per observation."""
        columns = {"person": person, "start": start, "end": end, "situation": situation}
        self.parts.append(pd.DataFrame(columns))

    def frame(self) -> pd.DataFrame:
        return pd.concat(self.parts, ignore_index=True)


@dataclass
class World:
    """Persons and spells as observers use them: days as integers, NEVER for an end that does not come."""

    persons: pd.DataFrame
    spells: pd.DataFrame
    parameters: Parameters
    evidence: Evidence
    visibility: np.ndarray

    @classmethod
    def of(
        cls, persons: pd.DataFrame, spells: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
    ) -> World:
        spells = spells.copy()
        ends = spells["end"].to_numpy().astype("datetime64[D]")
        spells["start"] = spells["start"].to_numpy().astype("datetime64[D]").astype(np.int64)
        spells["end"] = np.where(np.isnat(ends), NEVER, ends.astype(np.int64))
        visibility = rng.gamma(4.0, 0.25, len(persons))
        visibility[rng.random(len(persons)) < parameters.hidden_rate] = 0.05
        return cls(persons, spells, parameters, Evidence(), visibility)

    @property
    def is_adult(self) -> np.ndarray:
        return (self.persons["role"] != "child").to_numpy()

    def in_situations(self, situations: tuple[str, ...]) -> pd.DataFrame:
        return self.spells[self.spells["situation"].isin(situations).to_numpy()]

    def month_of(self, days: np.ndarray) -> np.ndarray:
        """Number of the simulated month that holds each day (-1 before the first, `months` after the last)."""
        return np.searchsorted(self.parameters.month_edges, days, "right") - 1

    def attribute(self, name: str, person: np.ndarray) -> np.ndarray:
        return self.persons[name].to_numpy()[person]


def contacts(
    world: World, rates: dict[str, float], chosen: np.ndarray, rng: np.random.Generator, before_days: int = 0
) -> pd.DataFrame:
    """Random contacts (a Poisson process) of the `chosen` persons (bool each) while in the situations of `rates`.

    `rates` are contacts a month; a person's visibility multiplies them. Returns person, day, situation, commune.
    """
    spells = world.in_situations(tuple(rates))
    spells = spells[chosen[spells["person"].to_numpy()]]
    first = world.parameters.first_day - before_days
    start = np.maximum(spells["start"].to_numpy(), first)
    length = np.maximum(np.minimum(spells["end"].to_numpy(), world.parameters.end_day) - start, 0)
    monthly = spells["situation"].map(rates).to_numpy() * world.visibility[spells["person"].to_numpy()]
    counts = rng.poisson(monthly * length / DAYS_PER_MONTH)
    picked = np.repeat(np.arange(len(spells)), counts)
    day = start[picked] + np.floor(rng.random(len(picked)) * length[picked]).astype(np.int64)
    found = spells.iloc[picked]
    return pd.DataFrame(
        {
            "person": found["person"].to_numpy(),
            "day": day,
            "situation": found["situation"].to_numpy(),
            "commune": found["commune"].to_numpy(),
        }
    )


def repeated(first_month: np.ndarray, last_month: np.ndarray, months: int) -> tuple[np.ndarray, np.ndarray]:
    """(row, month) of every monthly file in which each row appears, from its first month to its last."""
    first = np.clip(first_month, 0, months)
    last = np.clip(last_month, -1, months - 1)
    counts = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(first)), counts)
    month = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + first[row]
    return row, month


def local_ids(world: World, person: np.ndarray, prefix: str, rng: np.random.Generator) -> np.ndarray:
    """The operator's number of each row's person; some persons have a second one, used for half of their rows."""
    numbers = rng.permutation(len(world.persons) * 2) + 10_000
    is_twice = rng.random(len(world.persons)) < world.parameters.duplicate_record_rate
    second = is_twice[person] & (rng.random(len(person)) < 0.5)
    return prefix + pd.Series(numbers[person * 2 + second]).astype(str).to_numpy()


def household_ids(world: World, person: np.ndarray, prefix: str) -> np.ndarray:
    return prefix + pd.Series(world.attribute("household", person) + 1).astype(str).to_numpy()


def as_dates(days: np.ndarray, known: np.ndarray | bool = True) -> np.ndarray:
    """Days since 1970 as dates, NaT where not known or never."""
    days = np.asarray(days)
    dates = np.where(days < NEVER, days, 0).astype("datetime64[D]").astype("datetime64[s]")
    dates[~(known & (days < NEVER))] = np.datetime64("NaT")
    return dates


def blanked(values: np.ndarray, rate: float, rng: np.random.Generator, blank: str = "") -> np.ndarray:
    """The values, a share of them left blank (or `unknown`)."""
    values = np.asarray(values, dtype=object).copy()
    values[rng.random(len(values)) < rate] = blank
    return values
