"""How alike two short texts are: shares of common trigrams, rare ones counting more (Dice, weighted by rarity)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import log


@cache
def trigrams(text: str) -> frozenset[str]:
    """The trigrams of each word of a text, beginnings and ends marked: "chu" gives ^ch, chu, hu$."""
    marked = [f"^{word}$" for word in re.findall(r"[a-z0-9]+", text)]
    return frozenset(word[start : start + 3] for word in marked for start in range(max(1, len(word) - 2)))


def squeezed(text: str) -> str:
    """Letters and digits only: "c.h.r.s." and "chrs" are one."""
    return re.sub(r"[^a-z0-9]+", "", text)


class Nearest:
    """Finds, among known texts with an answer each, the one most like another text."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        """answers: text (a source key) -> its answer."""
        self.answers = dict(answers)
        self._places: dict[str, list[str]] = defaultdict(list)
        self._squeezed: dict[str, str] = {}
        for text in sorted(self.answers):
            self._squeezed.setdefault(squeezed(text), text)
            for gram in trigrams(text):
                self._places[gram].append(text)
        self._rarity = {gram: log(1 + len(self.answers) / len(texts)) for gram, texts in self._places.items()}
        # A trigram that no known text has is as rare as can be.
        self._unseen = log(1 + max(len(self.answers), 1))

    def _weight(self, grams: frozenset[str]) -> float:
        return sum(self._rarity.get(gram, self._unseen) for gram in grams)

    def find(self, text: str) -> tuple[str, str, float]:
        """(known text, its answer, likeness from 0 to 1) of the best one; ("", "", 0.0) if nothing is common."""
        if text in self.answers:
            return text, self.answers[text], 1.0
        twin = self._squeezed.get(squeezed(text)) if squeezed(text) else None
        if twin is not None:
            return twin, self.answers[twin], 0.99
        grams = trigrams(text)
        common: Counter[str] = Counter()
        for gram in grams:
            for other in self._places.get(gram, ()):
                common[other] += self._rarity[gram]
        if not common:
            return "", "", 0.0
        own = self._weight(grams)
        likeness = {other: 2 * shared / (own + self._weight(trigrams(other))) for other, shared in common.items()}
        best = min(likeness, key=lambda other: (-likeness[other], other))
        return best, self.answers[best], min(likeness[best], 0.98)


def phrase_likeness(words: Sequence[str], phrase: Sequence[str], weights: Mapping[str, float]) -> float:
    """Dice of two phrases, word by word, 0 to 1; a word that begins like another counts for most of one.

    weights: how telling a word is ("date" tells little, "admission" much); 1 for a word that is not there.
    """
    if tuple(words) == tuple(phrase):
        return 1.0
    left, right = set(words), set(phrase)

    def weight(some: Iterable[str]) -> float:
        return sum(weights.get(word, 1.0) for word in some)

    same = left & right
    alike = {word for word in left - same if any(_begins_alike(word, other) for other in right - same)}
    return 0.95 * 2 * (weight(same) + 0.7 * weight(alike)) / (weight(left) + weight(right))


def _begins_alike(word: str, other: str) -> bool:
    return min(len(word), len(other)) >= 5 and word[:5] == other[:5]
