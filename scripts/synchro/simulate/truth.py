"""What is true at each month's end, and what of it operators saw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.observations import EVIDENCE
from synchro.simulate.parameters import Parameters
from synchro.simulate.trajectories import CODE, HOMELESS, HOUSED, SITUATIONS

# A person not seen for longer is lost from sight (the project's default).
INACTIVITY_DAYS = 90
_LONG_AGO = -(10**6)


def person_months(
    persons: pd.DataFrame,
    spells: pd.DataFrame,
    observed: dict[tuple[str, str], pd.DataFrame],
    parameters: Parameters,
) -> pd.DataFrame:
    """One row per person and month end from arrival on: situation, is_homeless (true), is_seen, seen_situation.

    is_seen applies the project's definition of a person without a home to what operators saw of the true person,
    on the true days: homeless evidence at most 90 days old, and no housing, departure or death seen since.
    """
    ends = parameters.month_edges[1:] - 1
    situation = _true_situations(len(persons), spells, ends)
    seen, seen_situation = _seen(len(persons), observed[EVIDENCE], parameters, ends)
    person, month = np.nonzero(situation >= 0)
    names = np.array([*SITUATIONS, ""], dtype=object)
    return pd.DataFrame(
        {
            "person_id": persons["person_id"].to_numpy()[person],
            "month_end": ends[month].astype("datetime64[D]"),
            "situation": names[situation[person, month]],
            "is_homeless": situation[person, month] < len(HOMELESS),
            "is_seen": seen[person, month],
            "seen_situation": names[seen_situation[person, month]],
        }
    )


def _true_situations(count: int, spells: pd.DataFrame, ends: np.ndarray) -> np.ndarray:
    """persons x months: code of the situation, -1 before arrival."""
    start = spells["start"].to_numpy().astype("datetime64[D]").astype(np.int64)
    situation = np.full((count, len(ends)), -1)
    person, code = spells["person"].to_numpy(), spells["situation"].map(CODE).to_numpy()
    # A later spell that has begun by a month's end writes over an earlier one.
    first = np.searchsorted(ends, start)
    within = first < len(ends)
    order = np.argsort(start[within], kind="stable")
    situation[person[within][order], first[within][order]] = code[within][order]
    for month in range(1, len(ends)):
        unchanged = situation[:, month] < 0
        situation[unchanged, month] = situation[unchanged, month - 1]
    return situation


def _seen(
    count: int, evidence: pd.DataFrame, parameters: Parameters, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """persons x months: whether seen without a home, and the code of the situation last seen (-1 if none)."""
    code = evidence["situation"].map(CODE).to_numpy()
    person, start, end = (evidence[name].to_numpy() for name in ("person", "start", "end"))
    month = np.searchsorted(ends, start)

    def latest(days: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """persons x months: the largest of these days among evidence that has begun by the month's end."""
        chosen = chosen & (month < len(ends))
        table = np.full((count, len(ends)), _LONG_AGO)
        np.maximum.at(table, (person[chosen], month[chosen]), days[chosen])
        return np.maximum.accumulate(table, axis=1)

    homeless = code < len(HOMELESS)
    began = latest(start, homeless)
    until = np.minimum(latest(end, homeless), ends)
    housed = latest(start, np.isin(code, [CODE[name] for name in HOUSED]))
    left = latest(start, code == CODE["left_territory"])
    died = latest(start, code == CODE["deceased"])
    is_dead = died > _LONG_AGO
    is_gone = ~is_dead & (left > _LONG_AGO) & (left >= began) & (left >= housed)
    is_housed = ~is_dead & ~is_gone & (housed > _LONG_AGO) & (housed >= began)
    seen = ~is_dead & ~is_gone & ~is_housed & (ends - until <= INACTIVITY_DAYS)
    last = _last_codes(count, person, start, code, month, len(ends))
    last = np.where(is_dead, CODE["deceased"], np.where(is_gone, CODE["left_territory"], last))
    return seen, last


def _last_codes(count, person, start, code, month, months) -> np.ndarray:
    """persons x months: code of the evidence that began last, -1 if there is none."""
    order = np.lexsort((code, start))
    order = order[month[order] < months]
    rank = np.full((count, months), -1)
    np.maximum.at(rank, (person[order], month[order]), np.arange(len(order)))
    rank = np.maximum.accumulate(rank, axis=1)
    return np.where(rank >= 0, code[order][np.maximum(rank, 0)], -1)
