"""What each column of an unknown file probably is, from its header and the shape of its values.

Each pair of a column and a field gets a score between 0 and 1; columns and fields are then matched so that the
scores add up to the most, a field being given to one column only (`scipy.optimize.linear_sum_assignment`). A first
match says which entity the file is about (stays, requests, contacts); in the second, fields of the others weigh less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from scipy.optimize import linear_sum_assignment

from synchro.onboarding.entities import supported
from synchro.onboarding.knowledge import Field, Knowledge, header_words
from synchro.onboarding.shapes import Shape
from synchro.onboarding.similarity import phrase_likeness

# Fields that several columns may have.
_REPEATABLE = ("other_date", "other_number", "ignored")
_HEADER_WEIGHT = 0.6
# What a column that fits nothing scores as "ignored".
_NOTHING_FITS = 0.3
# What the score of a repeatable field, and of a name that no header announces, is multiplied by.
_LEFT_OVER, _UNSAID = 0.8, 0.7
# A header less like the known ones than this says nothing.
_HINT = 0.3
# A field that the file's entities have no column for: a list of stays has no recommendation.
_OUT_OF_PLACE = 0.6
# A header as like as this to a known one says which date a date is.
_TELLING = 0.5
# A known word of which this much is common is taken for the same word.
ALIKE = 0.5
# Words compared in each column at most, the commonest first.
_WORDS_COMPARED = 60


@dataclass(frozen=True)
class Suggestion:
    """A column's most likely field, and its score (0 to 1)."""

    field: Field
    score: float


def suggest_fields(headers: Sequence[str], shapes: Sequence[Shape], knowledge: Knowledge) -> list[Suggestion]:
    """One suggestion per column, in order."""
    fields = list(knowledge.fields.values())
    unique = [field for field in fields if field.field not in _REPEATABLE]
    repeated = [knowledge.fields[name] for name in _REPEATABLE for _ in headers]
    choices = unique + repeated
    scores = np.zeros((len(headers), len(choices)))
    for row, (header, shape) in enumerate(zip(headers, shapes, strict=True)):
        by_field = {field.field: _score(header, shape, field, knowledge) for field in fields}
        scores[row] = [by_field[field.field] for field in choices]
    _prefer_the_finer_identifier(scores, choices, shapes)
    matched = _matched(scores, choices)
    entities = supported({suggestion.field.field: suggestion.score for suggestion in matched})
    if len(entities) < 2:
        return matched
    in_place = frozenset().union(*(knowledge.entities[entity].fields for entity in entities))
    is_out = np.array([field.kind in ("words", "code") and field.field not in in_place for field in choices])
    return _matched(np.where(is_out, scores * _OUT_OF_PLACE, scores), choices)


def _matched(scores: np.ndarray, choices: Sequence[Field]) -> list[Suggestion]:
    """The match of columns (rows of `scores`) and choices that adds up to the most."""
    rows, columns = linear_sum_assignment(scores, maximize=True)
    pairs = zip(rows, columns, strict=True)
    return [Suggestion(choices[column], float(scores[row, column])) for row, column in pairs]


def _score(header: str, shape: Shape, field: Field, knowledge: Knowledge) -> float:
    said = header_score(header, field, knowledge)
    if field.field == "ignored":
        free = 0.55 if shape.is_free_text else 0.0
        return max(_NOTHING_FITS, 0.3 + 0.55 * said if said > 0.6 else 0.0, free)
    if not shape.filled:
        # Nothing to see: the header alone speaks.
        return 0.8 * said if said > 0.6 else 0.0
    seen = _KINDS[field.kind](shape, field, knowledge)
    if seen == 0:
        return 0.0
    # A repeatable field is what is left when no field of its own fits. Words that look like names are hardly the
    # person's where the header says nothing of the kind.
    modest = _LEFT_OVER if field.field in _REPEATABLE else 1.0
    modest *= _UNSAID if field.kind == "name" and said < _HINT else 1.0
    # All dates look alike: without a telling header, a date is just another date.
    if field.kind == "date" and field.field not in _REPEATABLE and said < _TELLING:
        return 0.5 * seen * said
    # A header is worth what the values leave of it: "Motif" above words of places is no reason.
    said *= min(1.0, seen / 0.6)
    return modest * (_HEADER_WEIGHT * said + (1 - _HEADER_WEIGHT) * seen)


def header_score(header: str, field: Field, knowledge: Knowledge) -> float:
    """How much a header is like one of the field's known ones (0 to 1)."""
    words = header_words(header)
    phrases, weights = knowledge.phrases[field.field], knowledge.header_weights
    return max((phrase_likeness(words, phrase, weights) for phrase in phrases), default=0.0)


# ------------------------------------------------------------------------------------ what values show


def _as_name(shape: Shape, _field: Field, knowledge: Knowledge) -> float:
    share = shape.name_share(knowledge.lexicon)
    # Codes of three letters that come back (countries) are no names, many different words are.
    is_like_names = share >= 0.5 and (shape.repetition < 0.5 or shape.mean_length >= 4)
    return share if is_like_names else 0.0


def _as_date(shape: Shape, _field: Field, _knowledge: Knowledge) -> float:
    if shape.date_share < 0.6:
        return 0.0
    return shape.date_share * (1.0 if shape.years[-1] - median(shape.years) <= 12 else 0.4)


def _as_birth_date(shape: Shape, _field: Field, _knowledge: Knowledge) -> float:
    """Birth dates are spread over decades; those of a short list may not be, and their header says so."""
    if shape.date_share < 0.6:
        return 0.0
    return shape.date_share * (1.0 if shape.years[-1] - shape.years[0] >= 15 else 0.6)


def _as_identifier(shape: Shape, _field: Field, _knowledge: Knowledge) -> float:
    if shape.digit_share < 0.7 or shape.mean_length < 2 or shape.date_share > 0.6:
        return 0.0
    return 0.5 + 0.5 * (1 - shape.repetition)


def _of_length(lengths: range) -> Callable[[Shape, Field, Knowledge], float]:
    def seen(shape: Shape, _field: Field, _knowledge: Knowledge) -> float:
        share = shape.length_share(lengths)
        return share if share >= 0.6 else 0.0

    return seen


def _as_integer(shape: Shape, _field: Field, _knowledge: Knowledge) -> float:
    if shape.integer_share < 0.8:
        return 0.0
    return shape.integer_share * (1.0 if median(shape.numbers) < 1000 else 0.3)


def _as_words(shape: Shape, field: Field, knowledge: Knowledge) -> float:
    """Share of the cells that hold a known word of the vocabulary, or one much like it."""
    nearest, keys = knowledge.nearest[field.field], shape.keys.most_common(_WORDS_COMPARED)
    total = sum(count for _, count in keys)
    if shape.date_share > 0.6 or not total:
        return 0.0
    found = [(nearest.find(key), count) for key, count in keys]
    # A blank written otherwise ("NC", "?") fits every vocabulary, hence says nothing.
    telling = [((word, likeness), count) for (word, code, likeness), count in found if code != "unknown"]
    known = sum(likeness * count for (_, likeness), count in telling if likeness >= ALIKE)
    share = known / max(sum(count for _, count in telling), 1)
    return share if share >= 0.2 else 0.0


def _as_code(shape: Shape, _field: Field, knowledge: Knowledge) -> float:
    if not shape.is_closed_list or shape.date_share > 0.6 or shape.integer_share > 0.6:
        return 0.0
    return 0.8 if shape.digit_share > 0.5 else 0.5


def _as_anything(_shape: Shape, _field: Field, _knowledge: Knowledge) -> float:
    return 0.0


_KINDS: dict[str, Callable[[Shape, Field, Knowledge], float]] = {
    "name": _as_name,
    "date": _as_date,
    "birth_date": _as_birth_date,
    "identifier": _as_identifier,
    "number_of_10": _of_length(range(10, 11)),
    "number_of_15": _of_length(range(13, 19)),
    "integer": _as_integer,
    "words": _as_words,
    "code": _as_code,
    "anything": _as_anything,
}


def _prefer_the_finer_identifier(scores: np.ndarray, choices: Sequence[Field], shapes: Sequence[Shape]) -> None:
    """Of two columns of identifiers, the one with more distinct values names persons, the other households."""
    person, household = (
        next(place for place, field in enumerate(choices) if field.field == name)
        for name in ("local_id", "household_id")
    )
    candidates = [row for row in range(len(shapes)) if scores[row, person] > 0]
    finest = max((shapes[row].distinct for row in candidates), default=0)
    for row in candidates:
        is_finest = shapes[row].distinct >= 0.97 * finest
        scores[row, household] *= 0.7 if is_finest else 1.0
        scores[row, person] *= 1.0 if is_finest else 0.7
