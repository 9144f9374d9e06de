"""Rows that cannot be what they say: totals, an exit before its entry, two persons under one id, another month."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import combinations

import numpy as np

from synchro.columns import Coded, joint
from synchro.encoding import precision
from synchro.normalise import source_key

_TOTAL = re.compile(r"(?:sous[- ]?)?tota(?:l|ux)(?: general| generaux)?\s*:?")


def totals(texts: Coded, known: Collection[str]) -> np.ndarray:
    """Rows that add up the others: "Total" where an id or a word is expected. known: words that are none of it."""
    keys = [source_key(text) if text[:1] in "TtSs" else "" for text in map(str.strip, texts.values)]
    return texts.flags(key not in known and _TOTAL.fullmatch(key) is not None for key in keys)


def precede(days: Coded, others: Coded) -> np.ndarray:
    """Rows where one date (ISO) is before the other, both certain to the day."""
    days, others = days.map(certain_day), others.map(certain_day)
    ranks = {text: rank for rank, text in enumerate(sorted({*days.values, *others.values}))}
    first, second = (
        np.array([*(ranks[text] for text in column.values), -1], dtype=np.int64)[column.codes]
        for column in (days, others)
    )
    return ~days.is_null & ~others.is_null & (first < second)


def shared_ids(ids: Coded, birth: Coded) -> np.ndarray:
    """Rows whose local id stands for two persons: birth dates (ISO) that agree in one part at most."""
    birth = birth.map(certain_day)
    _, first = joint([ids.codes, birth.codes])
    first = first[~ids.is_null[first] & ~birth.is_null[first]]
    id_codes, birth_codes = ids.codes[first], birth.codes[first]
    is_shared = np.zeros(len(ids.values), dtype=bool)
    codes, counts = np.unique(id_codes, return_counts=True)
    for code in codes[counts > 1]:
        days = [birth.values[day] for day in birth_codes[id_codes == code]]
        is_shared[code] = any(_are_two_persons(*pair) for pair in combinations(days, 2))
    return ids.flags(is_shared)


def in_month(days: Coded, month: str) -> tuple[int, int | None]:
    """How many rows have a date (ISO) in a month (YYYY-MM), and the last day of the month that one has."""
    texts = [text[:10] if text.startswith(month) else "" for text in days.values]
    last = max(texts, default="")
    return int(days.flags(map(bool, texts)).sum()), int(last[8:]) if last else None


def certain_day(text: str) -> str | None:
    """The day of a date or moment, if a calendar has it and it does not stand for "some day of that year"."""
    return text[:10] if precision(text[:10]) == "day" else None


def _are_two_persons(first: str, second: str) -> bool:
    """Whether two birth dates differ by more than one part, day and month exchanged counting for none."""
    (year, *days), (other_year, *other_days) = first.split("-"), second.split("-")
    if year == other_year and sorted(days) == sorted(other_days):
        return False
    return sum(a == b for a, b in zip((year, *days), (other_year, *other_days), strict=True)) < 2
