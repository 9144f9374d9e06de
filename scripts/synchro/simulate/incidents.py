"""What goes wrong with deliveries, on purpose and always at the same places: each is told in simulation.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from synchro.simulate.observations import EVIDENCE

Kind = Literal["late", "corrected", "missing", "new_column"]
LABELS = {
    "late": "fichier reçu avec cinq semaines de retard",
    "corrected": "fichier renvoyé corrigé (_v2) : lignes manquantes et communes vides du premier envoi",
    "missing": "fichier jamais reçu",
    "new_column": "colonne nouvelle, absente du contrat (numéros fictifs)",
    "unknown_words": "mots qu'aucune correspondance ne connaît encore",
}
LATE_BY = timedelta(weeks=5)
CORRECTED_AFTER = timedelta(days=16)
MISSING_ROWS = 0.05
BLANK_COMMUNES = 0.08
# A range of numbers that is given to no one, kept in France for films and books.
PHONE_PREFIX = "06 39 98"


@dataclass(frozen=True)
class Incident:
    """One incident of one file: month is the place (0-based) in the simulated months."""

    kind: Kind
    operator: str
    extract: str
    month: int


def plan_incidents(months: int) -> list[Incident]:
    """Where each incident falls. A file never received needs three months at least."""
    last = months - 1
    plan = [
        Incident("late", "ccas", "domiciliations", min(months // 3, last)),
        Incident("corrected", "hebergement", "sejours", min(months // 4 + 1, last)),
        Incident("new_column", "siao_115", "appels", min(2 * months // 3, last)),
    ]
    if months >= 3:
        plan.append(Incident("missing", "maraude", "rencontres", months // 2))
    return plan


def find_kind(plan: list[Incident], operator: str, extract: str, month: int) -> Kind | None:
    """The incident of one file, if it has one."""
    found = (item.kind for item in plan if (item.operator, item.extract, item.month) == (operator, extract, month))
    return next(found, None)


def drop_missing(plan: list[Incident], observed: dict[tuple[str, str], pd.DataFrame]) -> dict:
    """What is observed and delivered: without the rows of files never received, nor what they told of persons."""
    delivered = dict(observed)
    for item in plan:
        if item.kind != "missing":
            continue
        frame = delivered[item.operator, item.extract]
        lost = frame["month"] == item.month
        delivered[item.operator, item.extract] = frame[~lost].reset_index(drop=True)
        delivered[EVIDENCE] = _forget(delivered[EVIDENCE], frame[lost])
    return delivered


def _forget(evidence: pd.DataFrame, meetings: pd.DataFrame) -> pd.DataFrame:
    """Evidence without one row of one day for each lost meeting of that person and day."""
    days = meetings["date_rencontre"].to_numpy().astype("datetime64[D]").astype(np.int64)
    lost = pd.Series(1, index=[meetings["person"].to_numpy(), days]).groupby(level=[0, 1]).sum()
    of_one_day = evidence[evidence["start"] == evidence["end"]]
    keys = pd.MultiIndex.from_frame(of_one_day[["person", "start"]])
    number = of_one_day.groupby(["person", "start"]).cumcount().to_numpy()
    forgotten = number < lost.reindex(keys, fill_value=0).to_numpy()
    return evidence.drop(index=of_one_day.index[forgotten]).reset_index(drop=True)


def received_at(month: pd.Period, kind: Kind | None, due_day: int, rng: np.random.Generator) -> datetime:
    """A working hour from the 5th to the 12th of the following month; five weeks after the due day if late."""
    following = (month + 1).to_timestamp().to_pydatetime()
    day, hour, minute = int(rng.integers(5, 13)), int(rng.integers(8, 18)), int(rng.integers(60))
    if kind == "late":
        return following + timedelta(days=due_day - 1, hours=hour, minutes=minute) + LATE_BY
    return following + timedelta(days=day - 1, hours=hour, minutes=minute)


def first_version(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What was sent before the correction: some rows missing, some communes blank."""
    kept = rows[rng.random(len(rows)) >= MISSING_ROWS].copy()
    kept["commune"] = kept["commune"].mask(rng.random(len(kept)) < BLANK_COMMUNES, "")
    kept["source_row"] = np.arange(1, len(kept) + 1)
    return kept


def phone_numbers(count: int, rng: np.random.Generator) -> list[str]:
    """Fictitious telephone numbers, one in three blank."""
    numbers, blanks = rng.integers(0, 10_000, count), rng.random(count) < 1 / 3
    return [
        "" if blank else f"{PHONE_PREFIX} {number // 100:02d} {number % 100:02d}"
        for number, blank in zip(numbers, blanks, strict=True)
    ]


def described(plan: list[Incident], first_month: pd.Period, unknown_words: dict[str, int]) -> list[dict[str, Any]]:
    """The list for simulation.json, with calendar months, and the counts of unknown words by column."""
    listed = [
        {**asdict(item), "month": str(first_month + item.month), "label_fr": LABELS[item.kind]}
        for item in sorted(plan, key=lambda item: (item.month, item.operator))
    ]
    if unknown_words:
        listed.append({"kind": "unknown_words", "columns": unknown_words, "label_fr": LABELS["unknown_words"]})
    return listed
