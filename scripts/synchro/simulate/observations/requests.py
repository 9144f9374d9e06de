"""Requests: the SIAO's, for shelter and supported housing, and SYPLO's, for priority social housing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.observations.common import NEVER, World, as_dates, blanked, household_ids, local_ids, repeated
from synchro.simulate.trajectories import COMMUNES, HOMELESS, HOUSED

REQUEST_SHARE = 0.75
PRIORITY_SHARE = 0.22
# A request that nobody renews is cancelled; a closed one leaves the extract a year later.
LAPSE_DAYS = 540
# Some households confirm their request three times less often than the others: theirs grow old.
SELDOM_SHARE = 0.15
# A household that refuses, or is refused, mostly does so within half a year, and asks no more.
REFUSED_SHARE = 0.3
DAYS_TO_REFUSAL = 120
FORGOTTEN_DAYS = 365
ANSWERED = ("transitional_shelter", *HOUSED)
REASONS = {
    "end_of_third_party_hosting": 0.22,
    "family_breakup": 0.14,
    "violence": 0.09,
    "eviction": 0.10,
    "leaving_prison": 0.05,
    "leaving_hospital": 0.04,
    "leaving_child_welfare": 0.04,
    "arrival_on_territory": 0.20,
    "end_of_asylum_accommodation": 0.07,
    "unfit_housing": 0.03,
    "other": 0.02,
}
NEEDS = {
    "ordinary_housing": 0.20,
    "supported_ordinary_housing": 0.12,
    "intermediary_rental": 0.12,
    "supported_housing": 0.12,
    "social_residence": 0.12,
    "transitional_shelter": 0.20,
    "emergency_shelter": 0.05,
    "housing_first": 0.04,
    "medical": 0.02,
    "other": 0.01,
}
REFUSALS = {"refused_by_household": 0.45, "unreachable": 0.30, "unsuitable": 0.15, "no_vacancy": 0.10}


def insertion_requests(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """SIAO insertion: each month, every request since the start that is not forgotten; one row per person."""
    requests = _requests(world, rng)
    world.evidence.add(*_request_evidence(requests))
    months = world.parameters.months
    first = world.month_of(np.maximum(requests["day"].to_numpy(), world.parameters.first_day))
    last = world.month_of(requests["closed"].to_numpy() + FORGOTTEN_DAYS)
    row, month = repeated(first, last, months)
    rows = requests.iloc[row].reset_index(drop=True)
    month_end = world.parameters.month_edges[month + 1] - 1
    status, since = _statuses(rows, month_end)
    person = rows["person"].to_numpy()
    known_until = np.minimum(month_end, rows["closed"].to_numpy())
    is_head = world.attribute("role", person) == "head"
    refused = np.where(status == "refused", rows["refusal"], "")
    updates = (known_until - rows["day"].to_numpy()) // rows["rhythm"].to_numpy()
    world.evidence.add(*_live_updates(rows, updates, status))
    return pd.DataFrame(
        {
            "month": month,
            "person": person,
            "household_local_id": household_ids(world, person, "F"),
            "local_id": rows["local_id"],
            "date_de_la_demande": as_dates(rows["day"].to_numpy()),
            "demandeur_principal": np.where(is_head, "head", "other"),
            "sexe": world.attribute("sex", person),
            "composition_familiale": world.attribute("household_type", person),
            "situation_demande": rows["said"],
            "situation_administrative": rows["administrative"],
            "motif": rows["reason"],
            "preconisation": np.where(np.isin(status, ("incomplete", "submitted")), "", rows["need"]),
            "statut": status,
            "date_statut": as_dates(since),
            "motif_refus": refused,
            "date_actualisation": as_dates(rows["day"].to_numpy() + updates * rows["rhythm"].to_numpy()),
        }
    )


def priority_requests(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """SYPLO: every labelled household since the start, a row per applicant; and each person's request number."""
    households = int(world.persons["household"].max()) + 1
    numbers = np.array(
        [f"0210{number:011d}" for number in rng.permutation(households * 3)[:households]], dtype=object
    )
    # More households have a social-housing request than have priority.
    has_number = rng.random(households) < 0.6
    requests = _requests(world, rng, PRIORITY_SHARE, heads_only=True)
    requests["day"] += rng.integers(20, 120, len(requests))
    requests = requests[requests["day"].to_numpy() < requests["closed"].to_numpy()].reset_index(drop=True)
    has_number[world.attribute("household", requests["person"].to_numpy())] = True
    first = world.month_of(np.maximum(requests["day"].to_numpy(), world.parameters.first_day))
    row, month = repeated(first, np.full(len(first), world.parameters.months), world.parameters.months)
    rows = requests.iloc[row].reset_index(drop=True)
    month_end = world.parameters.month_edges[month + 1] - 1
    is_closed = rows["closed"].to_numpy() <= month_end
    rehoused = is_closed & (rows["after"] == "own_housing").to_numpy()
    offered = (rows["after"] == "own_housing").to_numpy() & (rows["closed"].to_numpy() - 40 <= month_end)
    status = np.select([rehoused, is_closed, offered], ["rehoused", "struck_off", "offered"], "waiting")
    person = rows["person"].to_numpy()
    closed = requests[
        (requests["after"] == "own_housing").to_numpy() & (requests["closed"] < world.parameters.end_day)
    ]
    day = closed["closed"].to_numpy()
    world.evidence.add(closed["person"].to_numpy(), day, day, np.full(len(day), "own_housing", dtype=object))
    sizes = world.persons.groupby("household")["household"].transform("size").to_numpy()
    frame = pd.DataFrame(
        {
            "month": month,
            "person": person,
            "nur": numbers[world.attribute("household", person)],
            "local_id": rows["local_id"],
            "civilite": world.attribute("sex", person),
            "nb_personnes": sizes[person].astype(float),
            "date_label": as_dates(rows["day"].to_numpy()),
            "motif_priorite": rows["reason"],
            "typo_souhaitee": np.array(["t1", "t2", "t3", "t4", "t5"], dtype=object)[
                np.clip(sizes[person] - 1, 0, 4)
            ],
            "commune_souhaitee": rows["commune_wished"],
            "statut": status,
            "date_relogement": as_dates(rows["closed"].to_numpy(), rehoused),
        }
    )
    household = world.persons["household"].to_numpy()
    return frame, np.where(has_number[household], numbers[household], "")


def _requests(
    world: World, rng: np.random.Generator, share: float = REQUEST_SHARE, heads_only: bool = False
) -> pd.DataFrame:
    """One row per person and request: made some weeks into an episode without a home, closed when it ends.

    `closed` is the day the household is answered, leaves, refuses or lets the request lapse; `after` what it was
    then given.
    """
    episodes = _episodes(world)
    episode = episodes["episode"].to_numpy()
    count = int(episode.max(initial=-1)) + 1
    is_made = (rng.random(count) < share)[episode]
    delay = rng.exponential(35, count).astype(np.int64)[episode]
    day = episodes["start"].to_numpy() + delay
    lapse = day + LAPSE_DAYS
    # Draws of their own, so that the others stay what they were.
    late = rng.spawn(1)[0]
    seldom = late.random(count) < SELDOM_SHARE
    refusal = day + late.exponential(DAYS_TO_REFUSAL, count).astype(np.int64)[episode] + 1
    fields = pd.DataFrame(
        {
            "reason": rng.choice(list(REASONS), count, p=list(REASONS.values())),
            "need": rng.choice(list(NEEDS), count, p=list(NEEDS.values())),
            "refusal": rng.choice(list(REFUSALS), count, p=list(REFUSALS.values())),
            "rhythm": rng.integers(25, 85, count) * np.where(seldom, 3, 1),
            "is_refused": rng.random(count) < REFUSED_SHARE,
            "commune_wished": rng.choice(list(COMMUNES), count, p=list(COMMUNES.values())),
        }
    ).iloc[episode]
    refused = np.where(fields["is_refused"], refusal, NEVER)
    unanswered = np.minimum(lapse, refused)
    closed = np.minimum(np.minimum(episodes["answered"].to_numpy(), episodes["end"].to_numpy()), unanswered)
    requests = pd.DataFrame(
        {
            "person": episodes["person"].to_numpy(),
            "day": day,
            "closed": closed,
            "after": np.where(closed == unanswered, "", episodes["after"]),
            "said": episodes["situation"].to_numpy(),
        }
    )
    requests = pd.concat([requests, fields.reset_index(drop=True)], axis=1)
    is_head = world.attribute("role", requests["person"].to_numpy()) == "head"
    made = is_made & (day < closed) & (day < world.parameters.end_day) & (is_head | (not heads_only))
    made &= closed > world.parameters.first_day - FORGOTTEN_DAYS
    requests = requests[made].reset_index(drop=True)
    person = requests["person"].to_numpy()
    requests["local_id"] = local_ids(world, person, "S" if heads_only else "P", rng)
    requests["said"] = blanked(requests["said"], 0.04, rng, "unknown")
    requests["administrative"] = blanked(world.attribute("administrative_status", person), 0.05, rng, "unknown")
    return requests


def _episodes(world: World) -> pd.DataFrame:
    """Runs of homeless spells of a person: start, end, first situation, and when a response came.

    Persons of one household whose runs begin together share an `episode` number.
    """
    spells = world.spells
    homeless = spells["situation"].isin(HOMELESS).to_numpy()
    same = (spells["person"] == spells["person"].shift()).to_numpy()
    begins = homeless & ~(same & np.concatenate([[False], homeless[:-1]]))
    run = np.cumsum(begins)[homeless]
    spells = spells[homeless]
    is_answer = spells["next_situation"].isin(ANSWERED).to_numpy()
    answered = pd.Series(np.where(is_answer, spells["end"], NEVER)).groupby(run).min().to_numpy()
    grouped = spells.groupby(run)
    episodes = pd.DataFrame(
        {
            "person": grouped["person"].first().to_numpy(),
            "household": grouped["household"].first().to_numpy(),
            "start": grouped["start"].first().to_numpy(),
            "end": grouped["end"].last().to_numpy(),
            "situation": grouped["situation"].first().to_numpy(),
            "answered": answered,
        }
    )
    # What came at the answer, or at the end of the run.
    key = run * np.int64(2 * NEVER) + spells["end"].to_numpy()
    after = pd.Series(spells["next_situation"].to_numpy(), index=key)
    closed = np.minimum(episodes["answered"], episodes["end"]).to_numpy()
    episodes["after"] = after.reindex(np.arange(1, len(episodes) + 1) * np.int64(2 * NEVER) + closed).to_numpy()
    episodes["episode"] = pd.factorize(
        episodes["household"].to_numpy() * np.int64(NEVER) + episodes["start"].to_numpy()
    )[0]
    return episodes


def _statuses(rows: pd.DataFrame, month_end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Status of each request at each month's end, and since when."""
    day, closed = rows["day"].to_numpy(), rows["closed"].to_numpy()
    answered = rows["after"].isin(ANSWERED).to_numpy()
    refused = rows["is_refused"].to_numpy()
    steps = [
        (closed <= month_end) & answered,
        (closed <= month_end) & refused,
        closed <= month_end,
        answered & (closed - 25 <= month_end) & (closed - 25 > day),
        day + 45 <= month_end,
        day + 12 <= month_end,
    ]
    names = ["admitted", "refused", "cancelled", "oriented", "waiting", "submitted"]
    return np.select(steps, names, "incomplete"), np.select(
        steps, [closed] * 3 + [closed - 25, day + 45, day + 12], day
    )


def _request_evidence(requests: pd.DataFrame) -> tuple[np.ndarray, ...]:
    known = requests[(requests["said"] != "unknown").to_numpy()]
    day = known["day"].to_numpy()
    return known["person"].to_numpy(), day, day, known["said"].to_numpy()


def _live_updates(rows: pd.DataFrame, updates: np.ndarray, status: np.ndarray) -> tuple[np.ndarray, ...]:
    """Person, day (twice) and situation of the updates of live requests.

    Renewed later, a request of someone now sheltered still states how it began; the person is homeless all the same.
    """
    live = ~np.isin(status, ("admitted", "refused", "cancelled")) & (rows["said"] != "unknown").to_numpy()
    day = (rows["day"].to_numpy() + updates * rows["rhythm"].to_numpy())[live]
    return rows["person"].to_numpy()[live], day, day, rows["said"].to_numpy()[live]
