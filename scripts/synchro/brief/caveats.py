"""Reasons to be careful with a fact that its rule cannot know: what was delivered, how small, how often revised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from statistics import mean

from synchro.brief.facts import Fact
from synchro.brief.publication import Publication
from synchro.brief.rules import Caveat
from synchro.brief.series import months_between
from synchro.french import number

# What a condition gives: the values of the caveat's text, or none where it does not hold.
_Values = dict[str, str] | None


def caveat_of(fact: Fact, publication: Publication, caveats: list[Caveat]) -> str | None:
    """The first caveat that holds for this fact, in words."""
    for caveat in caveats:
        if fact.rule.kind in caveat.kinds.split():
            values = _CONDITIONS[caveat.caveat](fact, publication, caveat.threshold)
            if values is not None:
                return caveat.text_fr.format_map(values)
    return None


def missing_files(publication: Publication, month: date) -> int:
    """Files expected over three months that never came."""
    rows = publication.table("ind_reliability", reference_month=month, unit="person")
    return sum(row["expected_3_months"] - row["delivered_3_months"] for row in rows)


def _partial(fact: Fact, publication: Publication, threshold: float) -> _Values:
    count = missing_files(publication, fact.month)
    return {"count": number(count)} if fact.usual and count >= threshold else None


def _revised(fact: Fact, publication: Publication, threshold: float) -> _Values:
    """The mean move of the same figure in the months before, once revised."""
    if fact.rule.columns not in ([], ["segment_type", "segment"]) or "ind_revisions" not in publication.tables:
        return None
    segment_type, segment = fact.series.segment or ("total", "total")
    key = {"unit": "person", "segment_type": segment_type, "segment": segment, "indicator": fact.rule.measure}
    rows = publication.table("ind_revisions", **key)
    shares = [
        abs(row["current_figure"] / row["first_figure"] - 1)
        for row in rows
        if row["reference_month"] < fact.month and row["first_figure"] and row["current_figure"] is not None
    ]
    share = mean(shares) if shares else 0.0
    return {"share": number(100 * share, 1)} if share >= threshold else None


def _young_list(fact: Fact, publication: Publication, threshold: float) -> _Values:
    """Only for durations: a person seen for the first time last month seems to have lost her home last month."""
    months = months_between(publication.first_month, fact.month)
    return {"count": number(months)} if fact.story == "durations" and months < threshold else None


def _few(fact: Fact, publication: Publication, threshold: float) -> _Values:
    return {} if fact.usual and fact.rule.digits == 0 and fact.level < threshold else None


def _rounded(fact: Fact, publication: Publication, threshold: float) -> _Values:
    base = publication.parameters.get("rounding_base", 0)
    return {"base": number(base)} if fact.usual and base > threshold else None


def _short_history(fact: Fact, publication: Publication, threshold: float) -> _Values:
    return {"count": number(fact.usual.months)} if fact.usual and fact.usual.months < threshold else None


_CONDITIONS: dict[str, Callable[[Fact, Publication, float], _Values]] = {
    "partial": _partial,
    "revised": _revised,
    "young_list": _young_list,
    "few": _few,
    "rounded": _rounded,
    "short_history": _short_history,
}
