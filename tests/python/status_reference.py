"""The definitions of status, episodes and households, applied day by day in plain Python: slow, and easy to check.

Written from the definitions, not from the SQL: the models must agree with it row for row (test_status_engine.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

RANKS = {"stay": 1, "housing": 2, "exit": 3, "contact": 4, "request": 5}
HOMELESS = {"street", "third_party", "hotel", "emergency_shelter"}
HOUSED = {"own_housing", "supported_housing"}
ENDED = {"left_territory", "deceased"}
UNKNOWN = {"unknown", "not_collected"}
INACTIVITY_DAYS, EPISODE_GAP_DAYS, LONG_TERM_DAYS = 90, 180, 365
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Piece:
    """A piece of evidence; both days are included."""

    id: str
    kind: str
    start: date
    end: date
    situation: str

    @property
    def is_homeless(self) -> bool:
        return self.situation in HOMELESS

    @property
    def is_housed(self) -> bool:
        return self.situation in HOUSED

    @property
    def is_out_of_perimeter(self) -> bool:
        return self.situation not in HOMELESS | HOUSED | ENDED | UNKNOWN

    def strength(self, day: date) -> tuple[date, int, date, str]:
        """What wins on a day: the latest day covered, the more certain kind, the later start."""
        return min(self.end, day), -RANKS[self.kind], self.start, self.id


@dataclass(frozen=True)
class Episode:
    """Days without a home from `start`, up to `end` not included; `end` is None while it is open."""

    start: date
    end: date | None = None
    end_type: str | None = None
    exit_situation: str | None = None


@dataclass(frozen=True)
class Month:
    """What is known of a person at a month's end."""

    status: str
    situation: str
    days_in_month: int
    days_in_episode: int
    since: date | None
    is_long_term: bool


class Life:
    """A person's evidence, as the definitions read it."""

    def __init__(self, pieces: list[Piece]) -> None:
        known = [_made_known(piece, pieces) for piece in pieces]
        self.pieces = [piece for piece in known if not any(_overrules(other, piece) for other in known)]

    def status(self, day: date) -> str:
        """The latest date tells; on one day deceased, then left, then housed, then active."""
        begun = [piece for piece in self.pieces if piece.start <= day]
        starts = {
            name: max((piece.start for piece in begun if chosen(piece)), default=date.min)
            for name, chosen in (
                ("homeless", lambda piece: piece.is_homeless),
                ("housed", lambda piece: piece.is_housed),
                ("left_territory", lambda piece: piece.situation == "left_territory"),
            )
        }
        if any(piece.situation == "deceased" for piece in begun):
            return "deceased"
        for name in ("left_territory", "housed"):
            if date.min < starts[name] == max(starts.values()):
                return name
        if starts["homeless"] == date.min:
            return "out_of_perimeter"
        seen = self.seen_until(day)
        if any(min(piece.end, day) > seen for piece in begun if piece.is_out_of_perimeter):
            return "out_of_perimeter"
        return "active" if (day - seen).days <= INACTIVITY_DAYS else "inactive"

    def seen_until(self, day: date) -> date:
        """The latest day covered by homeless evidence that has begun; date.min if none has."""
        covered = (min(piece.end, day) for piece in self.pieces if piece.is_homeless and piece.start <= day)
        return max(covered, default=date.min)

    def situation(self, day: date) -> str:
        """That of the evidence that tells the status."""
        status = self.status(day)
        if status in ENDED:
            return status
        begun = [piece for piece in self.pieces if piece.start <= day]
        telling = {"housed": lambda piece: piece.is_housed, "out_of_perimeter": lambda _: True}
        chosen = telling.get(status, lambda piece: piece.is_homeless)
        return max(filter(chosen, begun), key=lambda piece: piece.strength(day)).situation

    def episodes(self, last_day: date) -> list[Episode]:
        """Day by day: opened when active, ended by what the status becomes or by a long silence."""
        closed: list[Episode] = []
        current: Episode | None = None
        for day in _days(min((piece.start for piece in self.pieces), default=last_day), last_day):
            status, seen = self.status(day), self.seen_until(day - DAY)
            if current and (day - seen).days > EPISODE_GAP_DAYS:
                closed.append(replace(current, end=seen + DAY, end_type="inactive"))
                current = None
            if status == "active":
                current = current or Episode(day)
            elif current and status != "inactive":
                closed.append(replace(current, end=day, end_type=status, exit_situation=self._exit(status, day)))
                current = None
        return [*closed, current] if current else closed

    def _exit(self, status: str, day: date) -> str:
        if status in ENDED:
            return status
        chosen = [
            piece
            for piece in self.pieces
            if (piece.is_housed and piece.start == day)
            or (status == "out_of_perimeter" and piece.is_out_of_perimeter and piece.start <= day <= piece.end)
        ]
        return min(chosen, key=lambda piece: (RANKS[piece.kind], piece.id)).situation

    def month(self, first: date, last: date) -> Month:
        """As known on the month's last day: the episode of who is not seen runs to the last day seen."""
        status = self.status(last)
        spans = [(episode.start, episode.end) for episode in self.episodes(last)]
        if spans and spans[-1][1] is None:
            spans[-1] = (spans[-1][0], (last if status == "active" else self.seen_until(last)) + DAY)
        years_ago = date(first.year - 3, first.month, 1)
        window = date(years_ago.year + years_ago.month // 12, years_ago.month % 12 + 1, 1)
        return Month(
            status,
            self.situation(last),
            sum(max(0, (end - max(start, first)).days) for start, end in spans),
            (spans[-1][1] - spans[-1][0]).days if spans else 0,
            spans[-1][0] if spans else None,
            sum(max(0, (end - max(start, window)).days) for start, end in spans) >= LONG_TERM_DAYS,
        )


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * DAY


def _made_known(piece: Piece, pieces: list[Piece]) -> Piece:
    """An unknown situation is the last known one in which the person lived."""
    if piece.situation not in UNKNOWN:
        return piece
    earlier = [other for other in pieces if other.situation not in UNKNOWN | ENDED and other.start <= piece.start]
    if not earlier:
        return piece
    latest = max(earlier, key=lambda other: (other.start, -RANKS[other.kind], other.id))
    return replace(piece, situation=latest.situation)


def _overrules(lived: Piece, declared: Piece) -> bool:
    """Whether a stay or a tenancy says the opposite of what is declared on one of its days."""
    opposite = (lived.is_homeless and declared.is_housed) or (lived.is_housed and declared.is_homeless)
    return (
        opposite
        and lived.kind in ("stay", "housing")
        and declared.kind in ("contact", "request")
        and lived.start <= declared.start <= lived.end
    )


def ways(statuses: list[str], situations: list[str]) -> list[tuple[str | None, str | None]]:
    """Ways in and out of the list at each month, from the statuses of all months since the first listed."""
    found: list[tuple[str | None, str | None]] = []
    for number, status in enumerate(statuses):
        before = statuses[number - 1] if number else None
        if status == "active" and before != "active":
            found.append((_way_in(before, "active" in statuses[:number]), None))
        elif before == "active" and status != "active":
            found.append((None, situations[number] if status == "housed" else status))
        else:
            found.append((None, None))
    return found


def _way_in(before: str | None, was_ever_active: bool) -> str:
    if not was_ever_active:
        return "newly_identified"
    returns = {
        "housed": "returned_from_housing",
        "inactive": "returned_from_inactive",
        "left_territory": "returned_to_territory",
    }
    return returns.get(before or "", "returned_to_perimeter")


def households(stated: set[tuple[str, str, date]], persons: list[str], month: date) -> set[frozenset[str]]:
    """The households of a month: persons tied by numbers in force, from (person, number, month) as stated."""
    in_force = [
        (person, number)
        for person, number, said in stated
        if said <= month
        and not any(said < other <= month for someone, _, other in stated if someone == person)
        and not any(said < other <= month for _, another, other in stated if another == number)
    ]
    groups = {person: {person} for person in persons}
    for number in {number for _, number in in_force}:
        together = set().union(*(groups[person] for person, other in in_force if other == number))
        for person in together:
            groups[person] = together
    return {frozenset(group) for group in groups.values()}
