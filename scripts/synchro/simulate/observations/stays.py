"""Operators that shelter or house people: shelters, hotels, asylum accommodation, housing; and their places."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.observations.common import (
    FAMILIES,
    NEVER,
    World,
    as_dates,
    blanked,
    household_ids,
    local_ids,
    repeated,
)
from synchro.simulate.trajectories import COMMUNES, HOUSED, SITUATIONS

SHELTERS = ("night_shelter", "emergency_shelter", "transitional_shelter")
REASONS = {
    "own_housing": "housed",
    "supported_housing": "housed",
    "third_party": "third_party",
    "deceased": "deceased",
    "left_territory": "left_territory",
    "street": "left_voluntarily",
    "squat_camp": "left_voluntarily",
    "institution_exit": "hospital",
    "emergency_shelter": "moved_to_other_shelter",
    "hotel": "moved_to_other_shelter",
    "transitional_shelter": "moved_to_other_shelter",
    "night_shelter": "moved_to_other_shelter",
    "asylum_accommodation": "moved_to_other_shelter",
}
# Share of new tenancies that a housing operator lists.
LISTED = {"own_housing": 0.90, "supported_housing": 0.97}
CENTRES = {"CADA": 0.45, "HUDA": 0.35, "CPH": 0.12, "CAES": 0.08}
# Ordinary tenancies are followed for a year; supported housing as long as it lasts.
FOLLOWED_DAYS = 365
# Two months after a forgotten exit, half of the operators clean their list.
MONTHS_BEFORE_CLEANING = 2


def shelters(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """CHU, CHRS, night shelters: every stay that touches the month, with its exit once it is known."""
    stays = _stays(world, SHELTERS, rng, world.parameters.ghost_rate)
    stays["local_id"] = local_ids(world, stays["person"].to_numpy(), "H", rng)
    stays["destination"] = _destinations(stays, rng)
    _log_exits(world, stays)
    rows = _monthly(world, stays)
    person = rows["person"].to_numpy()
    known = rows["is_exit_known"].to_numpy()
    return pd.DataFrame(
        {
            "month": rows["month"],
            "person": person,
            "local_id": rows["local_id"],
            "household_local_id": household_ids(world, person, "MEN"),
            "lien": world.attribute("role", person),
            "sexe": world.attribute("sex", person),
            "composition": world.attribute("household_type", person),
            "dispositif": rows["situation"],
            "structure": rows["structure"],
            "commune": rows["commune"],
            "entree": as_dates(rows["start"].to_numpy()),
            "sortie": as_dates(rows["end"].to_numpy(), known),
            "motif_sortie": np.where(known, rows["next_situation"].map(REASONS).fillna("other"), ""),
            "destination": np.where(known, rows["destination"], ""),
        }
    )


def hotels(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Hotel nights: a move to another hotel ends one stay and begins another."""
    stays = _moved(_stays(world, ("hotel",), rng, world.parameters.ghost_rate), rng)
    # A family has one number; each member has a suffix, and it does not change from hotel to hotel.
    stays["local_id"] = local_ids(world, stays["person"].to_numpy(), "N", rng)
    rows = _monthly(world, stays)
    person = rows["person"].to_numpy()
    return pd.DataFrame(
        {
            "month": rows["month"],
            "person": person,
            "local_id": rows["local_id"],
            "household_local_id": household_ids(world, person, "G"),
            "arrivee": as_dates(rows["start"].to_numpy()),
            "depart": as_dates(rows["end"].to_numpy(), rows["is_exit_known"].to_numpy()),
            "hotel": rows["structure"],
            "commune": rows["commune"],
            "type_prise_en_charge": rows["situation"],
        }
    )


def asylum(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """DN@: one stay for the procedure and what follows the decision; the status changes on the decision's day."""
    stays = _stays(world, ("asylum_procedure", "asylum_accommodation"), rng, 0.0)
    is_decided = (stays["situation"] == "asylum_accommodation").to_numpy()
    follows = is_decided & (stays["person"].shift() == stays["person"]).to_numpy()
    follows &= (stays["end"].shift() == stays["start"]).to_numpy()
    stays["decision"] = np.where(is_decided, stays["start"], NEVER)
    stays["stay"] = np.cumsum(~follows)
    whole = (
        stays.groupby("stay", sort=True)
        .agg(
            person=("person", "first"),
            start=("start", "first"),
            end=("end", "last"),
            decision=("decision", "min"),
            next_situation=("next_situation", "last"),
            exit_known=("exit_known", "last"),
            last_day=("last_day", "last"),
        )
        .reset_index(drop=True)
    )
    whole["local_id"] = local_ids(world, whole["person"].to_numpy(), "DNA", rng)
    whole["centre"] = rng.choice(list(CENTRES), len(whole), p=list(CENTRES.values()))
    whole["outcome"] = rng.choice(["protected", "rejected"], len(whole), p=[0.62, 0.38])
    whole["destination"] = _destinations(whole, rng)
    _log_exits(world, whole)
    numbers = rng.permutation(len(world.persons)) + 9_900_000_000 - 10**8
    agdref = blanked(pd.Series(numbers).astype(str).to_numpy(), 0.03, rng)
    rows = _monthly(world, whole)
    person = rows["person"].to_numpy()
    known = rows["is_exit_known"].to_numpy()
    decided = rows["decision"].to_numpy() < world.parameters.month_edges[rows["month"].to_numpy() + 1]
    return pd.DataFrame(
        {
            "month": rows["month"],
            "person": person,
            "num_agdref": agdref[person],
            "local_id": rows["local_id"],
            "sexe": world.attribute("sex", person),
            "type": rows["centre"],
            "statut": np.where(decided, rows["outcome"], "asylum_seeker"),
            "date_entree": as_dates(rows["start"].to_numpy()),
            "date_decision": as_dates(rows["decision"].to_numpy(), decided),
            "date_sortie": as_dates(rows["end"].to_numpy(), known),
            "motif_sortie": np.where(known, rows["next_situation"].map(REASONS).fillna("other"), ""),
            "solution": np.where(known, rows["destination"], ""),
        }
    )


def housing(world: World, rng: np.random.Generator, request_numbers: np.ndarray) -> pd.DataFrame:
    """Housing operators: tenancies open or ended in the month, of those they list.

    `request_numbers` is the social-housing request number of each person's household ('' if none).
    """
    stays = _stays(world, HOUSED, rng, 0.0, seen=False)
    household = pd.factorize(world.attribute("household", stays["person"].to_numpy()) * 10**6 + stays["start"])[0]
    share = stays["situation"].map(LISTED).to_numpy()
    listed = rng.random(int(household.max(initial=-1)) + 1)[household] < share
    stays = stays[listed].reset_index(drop=True)
    followed_until = np.where(stays["situation"] == "own_housing", stays["start"] + FOLLOWED_DAYS, NEVER)
    stays["exit_known"] &= stays["end"].to_numpy() <= followed_until
    stays["last_day"] = np.minimum(stays["last_day"], followed_until)
    stays = stays[stays["last_day"].to_numpy() >= world.parameters.first_day].reset_index(drop=True)
    _log(world, stays)
    stays["local_id"] = local_ids(world, stays["person"].to_numpy(), "L", rng)
    stays["destination"] = _destinations(stays, rng)
    _log_exits(world, stays)
    rows = _monthly(world, stays)
    person = rows["person"].to_numpy()
    known = rows["is_exit_known"].to_numpy()
    is_head = world.attribute("role", person) == "head"
    return pd.DataFrame(
        {
            "month": rows["month"],
            "person": person,
            "local_id": rows["local_id"],
            "sexe": world.attribute("sex", person),
            "dispositif": rows["situation"],
            "commune": rows["commune"],
            "entree_dans_les_lieux": as_dates(rows["start"].to_numpy()),
            "sortie": as_dates(rows["end"].to_numpy(), known),
            "motif_sortie": np.where(known, rows["destination"], ""),
            "numero_unique": np.where(is_head, request_numbers[person], ""),
        }
    )


def capacities(world: World, situations: tuple[str, ...], listed: float) -> pd.DataFrame:
    """Places and occupied places at each month's end, by kind and commune; a few places are always free."""
    stays = world.in_situations(situations)
    month_ends = world.parameters.month_edges[1:] - 1
    frames = []
    for month, day in enumerate(month_ends):
        present = stays[(stays["start"].to_numpy() <= day) & (stays["end"].to_numpy() > day)]
        counts = present.groupby(["situation", "commune"]).size().rename("occupied").reset_index()
        counts["month"] = month
        frames.append(counts)
    counts = pd.concat(frames)
    every = pd.MultiIndex.from_product(
        [range(len(month_ends)), situations, COMMUNES], names=["month", "dispositif", "commune"]
    )
    occupied = counts.set_index(["month", "situation", "commune"])["occupied"].reindex(every, fill_value=0)
    occupied = (occupied * listed).round()
    places = np.ceil(occupied.groupby(level=["dispositif", "commune"]).transform("max") * 1.04)
    frame = pd.DataFrame({"places": places, "places_occupees": occupied}).reset_index()
    frame["person"] = -1
    return frame[frame["places"] > 0].reset_index(drop=True)


def _stays(
    world: World,
    situations: tuple[str, ...],
    rng: np.random.Generator,
    ghost_rate: float,
    seen: bool = True,
) -> pd.DataFrame:
    """Spells as the operator's stays; `exit_known` is false for those whose exit is never written.

    `seen`: log them as seen.

    A forgotten exit is that of the whole household, or of its members only where it is a family. `last_day` is the
    last day on which the list still shows the stay.
    """
    stays = world.in_situations(situations)
    stays = stays[stays["end"].to_numpy() > world.parameters.first_day].reset_index(drop=True)
    household = pd.factorize(stays["household"].to_numpy() * 10**6 + stays["start"].to_numpy())[0]
    count = int(household.max(initial=-1)) + 1
    forgotten = (rng.random(count) < ghost_rate)[household]
    members_only = (rng.random(count) < 0.5)[household]
    cleaned = (rng.random(count) < 0.5)[household]
    person = stays["person"].to_numpy()
    is_family = np.isin(world.attribute("household_type", person), FAMILIES)
    is_spared = is_family & members_only & (world.attribute("role", person) == "head")
    end = stays["end"].to_numpy()
    stays["exit_known"] = ~(forgotten & ~is_spared) & (end < world.parameters.end_day)
    never_closed = forgotten & ~is_spared
    kept_until = np.where(cleaned, end + MONTHS_BEFORE_CLEANING * 30, NEVER)
    stays["last_day"] = np.where(never_closed, kept_until, end)
    if seen:
        _log(world, stays)
    return stays


def _log(world: World, stays: pd.DataFrame) -> None:
    """What the operator saw of a stay: its true days."""
    end = stays["end"].to_numpy()
    last = np.maximum(stays["start"].to_numpy(), end - 1)
    world.evidence.add(stays["person"].to_numpy(), stays["start"].to_numpy(), last, stays["situation"].to_numpy())


def _log_exits(world: World, stays: pd.DataFrame) -> None:
    """Where the person went, on the day of the exit, if the operator wrote both."""
    written = stays["exit_known"].to_numpy() & stays["destination"].isin(SITUATIONS).to_numpy()
    left = stays[written]
    day = left["end"].to_numpy()
    world.evidence.add(left["person"].to_numpy(), day, day, left["destination"].to_numpy())


def _destinations(stays: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Where people go, as written: known for nine out of ten, and always for a death."""
    following = stays["next_situation"].to_numpy()
    # An operator writes what it was told: nobody says "eviction threat" or "asylum procedure" there.
    sayable = np.where(np.isin(following, ("eviction_threat", "asylum_procedure")), "unknown", following)
    said = blanked(blanked(sayable, 0.06, rng, "unknown"), 0.03, rng)
    return np.where(np.isin(following, ("deceased", "left_territory")), following, said)


def _moved(stays: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A third of the stays longer than two months are cut in two hotels; members move together."""
    household = pd.factorize(stays["household"].to_numpy() * 10**6 + stays["start"].to_numpy())[0]
    moves = (rng.random(int(household.max(initial=-1)) + 1) < 0.33)[household]
    length = np.minimum(stays["end"], stays["start"] + 400) - stays["start"]
    moves &= (length > 60).to_numpy()
    middle = (stays["start"] + length // 2).to_numpy()
    first, second = stays[moves].copy(), stays[moves].copy()
    first["end"] = first["last_day"] = middle[moves]
    first["exit_known"] = True
    second["start"] = middle[moves]
    second["structure"] = "HOTEL-M" + second["structure"].str[-2:]
    return pd.concat([stays[~moves], first, second], ignore_index=True)


def _monthly(world: World, stays: pd.DataFrame) -> pd.DataFrame:
    """One row per stay and monthly file that lists it; `is_exit_known` says whether that file gives the exit."""
    months = world.parameters.months
    first = world.month_of(np.maximum(stays["start"].to_numpy(), world.parameters.first_day))
    # A closed stay is last listed in the month of its exit.
    last = world.month_of(stays["last_day"].to_numpy())
    row, month = repeated(first, last, months)
    rows = stays.iloc[row].reset_index(drop=True)
    rows["month"] = month
    exit_month = world.month_of(rows["end"].to_numpy())
    rows["is_exit_known"] = rows["exit_known"].to_numpy() & (exit_month <= month)
    return rows
