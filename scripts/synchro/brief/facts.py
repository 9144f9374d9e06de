"""The facts worth discussing: what left its usual range, what can be done, what in the data got worse.

Every rule gives candidates; the highest scores are kept, at most `FACTS`, a few of each kind, and no story twice: two
facts of one story, or of one segment, would be the same discussion under two names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from synchro.brief.labels import segment_label
from synchro.brief.publication import Publication, half_up, signed
from synchro.brief.rules import Rule
from synchro.brief.series import Series, Usual, months_before, past_values, read_series, usual
from synchro.french import number

FACTS = 5
# A value at the very end of its usual range is still usual.
_TOLERANCE = 1e-9
AT_MOST = {"movement": 3, "opportunity": 2, "data": 2}


@dataclass(frozen=True)
class Fact:
    """One series worth a discussion this month. `usual` is none where the rule does not need one."""

    series: Series
    month: date
    value: float
    usual: Usual | None
    score: float

    @property
    def rule(self) -> Rule:
        """The rule that found it."""
        return self.series.rule

    @property
    def level(self) -> float:
        """The value of the month itself, whatever the rule looks at."""
        return self.series.values[self.month]

    @property
    def story(self) -> str:
        """What it is about: the committee hears one fact of each story."""
        return self.rule.story.format_map(self.names)

    @property
    def names(self) -> dict[str, str]:
        """What tells the series apart, by column."""
        return dict(zip(self.rule.columns, self.series.segment, strict=True))


@dataclass(frozen=True)
class Told:
    """A fact in words."""

    kind: str
    title: str
    usual: str | None
    caveat: str


def candidates(publication: Publication, rules: list[Rule], month: date) -> tuple[list[Fact], int]:
    """Every fact that a rule finds in this month, best first; and how many series had a usual range to leave."""
    found, examined = [], 0
    for rule in rules:
        if publication.audience == "public" and rule.audience == "internal":
            continue
        step = float(publication.parameters.get("rounding_base", 0))
        for series in read_series(publication, rule):
            value = series.at(month)
            if value is None:
                continue
            past = past_values(series, month, publication.first_month)
            # Two rounded values differ by chance by up to a step.
            least_spread = max(rule.least_spread or 1.0, step if rule.digits == 0 else 0.0)
            habit = usual(past, rule.least_z, least_spread) if rule.least_z is not None else None
            examined += habit is not None
            fact = _fact(series, month, value, habit)
            if fact:
                found.append(fact)
    return sorted(found, key=_rank), examined


def choose(found: list[Fact]) -> list[Fact]:
    """The facts to tell, out of those found, best first."""
    kept: list[Fact] = []
    kinds: Counter[str] = Counter()
    for fact in found:
        is_new = all(fact.story != other.story and not _same_segment(fact, other) for other in kept)
        if len(kept) < FACTS and kinds[fact.rule.kind] < AT_MOST[fact.rule.kind] and is_new:
            kept.append(fact)
            kinds[fact.rule.kind] += 1
    return kept


def told(fact: Fact, publication: Publication, caveat: str | None = None) -> Told:
    """The fact in words; `caveat` is added to its rule's own.

    Templates may hold {segment}, {value}, {change} (since the month before), {low} and {high} (the usual range),
    {year_ago}, and the rule's columns; a usual range that needs what is not known is left out.
    """
    rule, month = fact.rule, fact.month
    # The shares of rounded counts are whole percents.
    digits = 0 if publication.parameters else rule.digits
    values: dict[str, str] = {
        **fact.names,
        "segment": segment_label(publication, rule.columns, fact.series.segment),
        "value": number(half_up(fact.level, digits), digits),
    }
    before = fact.series.values.get(months_before(month, 1))
    year_ago = fact.series.values.get(months_before(month, 12))
    if before is not None:
        values["change"] = signed(fact.level - before, digits)
    if year_ago is not None:
        values["year_ago"] = number(half_up(year_ago, digits), digits)
    if fact.usual:
        is_level = rule.basis == "level"
        ends = fact.usual.range(digits, is_level=is_level)
        values["low"], values["high"] = (number(end, digits) if is_level else signed(end, digits) for end in ends)
    title = rule.title_fr.format_map(values)
    try:
        habit = rule.usual_fr.format_map(values)
    except KeyError:
        habit = None
    caution = " ".join(filter(None, (rule.caveat_fr.format_map(values), caveat)))
    return Told(rule.kind, _capital(title), habit and _capital(habit), caution)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _fact(series: Series, month: date, value: float, habit: Usual | None) -> Fact | None:
    rule = series.rule
    if rule.least_z is None:
        return Fact(series, month, value, None, rule.weight) if value >= rule.least_value else None
    before = series.values.get(months_before(month, 1), 0.0)
    is_large = max(series.values[month], before) >= rule.least_value
    if habit is None or not is_large:
        return None
    z = habit.z(value)
    is_asked = {"up": z > 0, "down": z < 0, "both": True}[rule.direction]
    return (
        Fact(series, month, value, habit, rule.weight * abs(z))
        if is_asked and abs(z) > rule.least_z + _TOLERANCE
        else None
    )


def _rank(fact: Fact) -> tuple:
    # The larger value first where scores are equal; then the order of the rules, for one order and no other.
    return (-round(fact.score, 9), -abs(fact.level), fact.rule.position, fact.series.segment)


def _same_segment(one: Fact, other: Fact) -> bool:
    names = (one.rule.columns, one.series.segment), (other.rule.columns, other.series.segment)
    return bool(one.series.segment) and names[0] == names[1] and one.rule.columns == ["segment_type", "segment"]
