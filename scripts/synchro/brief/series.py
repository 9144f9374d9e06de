"""The monthly series that rules watch, and how far this month is from what is usual for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from statistics import median

import duckdb

from synchro.brief.publication import Publication
from synchro.brief.rules import Rule
from synchro.errors import SynchroError

WINDOW_MONTHS = 24
LEAST_MONTHS = 12
# A normal law's standard deviation, from the median of the absolute deviations.
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class Series:
    """A rule's values by month, for one of its segments; months that are not known or not shown are not there."""

    rule: Rule
    segment: tuple[str, ...]
    values: dict[date, float]

    def at(self, month: date) -> float | None:
        """What the rule looks at that month: the value, or how it changed since the month before."""
        now, before = self.values.get(month), self.values.get(months_before(month, 1))
        if self.rule.basis == "level":
            return now
        return None if now is None or before is None else now - before


@dataclass(frozen=True)
class Usual:
    """What a series does most of the time: median ± `reach`, over `months` earlier months."""

    centre: float
    spread: float
    reach: float
    months: int

    def z(self, value: float) -> float:
        """How many spreads away from the median."""
        return (value - self.centre) / self.spread

    def range(self, digits: int, *, is_level: bool) -> tuple[float, float]:
        """The two ends, rounded inwards: a value outside of the range is never shown inside it."""
        scale = 10**digits
        low = ceil((self.centre - self.reach) * scale - 1e-9) / scale
        high = floor((self.centre + self.reach) * scale + 1e-9) / scale
        if low > high:
            low = high = round(self.centre, digits)
        return (max(low, 0.0), max(high, 0.0)) if is_level else (low, high)


def usual(past: list[float], reach: float, least_spread: float) -> Usual | None:
    """The usual range of earlier values; none with fewer than `LEAST_MONTHS` of them.

    The spread is the median absolute deviation on the scale of a standard deviation, which one odd month does not
    move; never under `least_spread`, so that a series that hardly moves does not make a fact of a trifle.
    """
    if len(past) < LEAST_MONTHS:
        return None
    centre = median(past)
    spread = max(_MAD_TO_SIGMA * median(abs(value - centre) for value in past), least_spread)
    return Usual(centre, spread, reach * spread, len(past))


def past_values(series: Series, month: date, first_month: date) -> list[float]:
    """What the rule looked at in the earlier months of the window, after the first list."""
    earlier = (months_before(month, count) for count in range(1, WINDOW_MONTHS + 1))
    # A change into the second month compares with the first list, which is a stock like another.
    known = [series.at(one) for one in earlier if one > first_month]
    return [value for value in known if value is not None]


def read_series(publication: Publication, rule: Rule) -> Iterator[Series]:
    """The series of a rule, in the order of their segments; none where the edition does not hold the table."""
    if rule.source not in publication.tables:
        return
    columns = ", ".join(["reference_month", *rule.columns])
    query = (
        f"select {columns}, {rule.measure} as value from {rule.source} "
        f"where {rule.condition or 'true'} group by all order by all"
    )
    try:
        rows = publication.rows(query)
    except duckdb.Error:
        where = f"brief_rules.csv, règle {rule.rule}"
        todo = "vérifier ses colonnes source, measure, condition et segments"
        raise SynchroError("BRIEF_RULES", "Une règle de la note ne peut pas être calculée", where, todo) from None
    found: dict[tuple[str, ...], dict[date, float]] = {}
    for row in rows:
        values = found.setdefault(tuple(row[column] for column in rule.columns), {})
        if row["value"] is not None:
            values[row["reference_month"]] = float(row["value"])
    for segment, values in sorted(found.items()):
        yield Series(rule, segment, values)


def months_before(month: date, count: int) -> date:
    """The first day of the month that many months earlier."""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months a span covers, both ends included."""
    return (last.year - first.year) * 12 + last.month - first.month + 1
