"""What an unknown file holds, told without a value of a person: the model that the screen and the page show.

A value is shown only in a column that is a closed list, and only if it is a word of the trade: known to a
vocabulary, or seen several times, made of the lexicon's words only, and passed by the value guard. Everything else is
counted. A header, a sheet's name and the file's own name pass the guard too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synchro.contracts import ExtractContract, OperatorContract, load_contracts
from synchro.errors import SynchroError
from synchro.guard import MASK, Guard
from synchro.inbox import read_bytes
from synchro.normalise import source_key
from synchro.onboarding.differences import Difference, compare
from synchro.onboarding.knowledge import Field, Knowledge, header_words
from synchro.onboarding.opening import Opened, open_unknown
from synchro.onboarding.shapes import Shape
from synchro.onboarding.sniffing import Guess
from synchro.onboarding.suggesting import ALIKE, Suggestion, suggest_fields

# A value that no vocabulary knows is shown from so many rows on.
MIN_SEEN = 3
_MONTH = re.compile(r"(?:19|20)\d{2}[-_. ]?\d{2}|\d{2}[-_. ]?(?:19|20)\d{2}")
_MASKED_KINDS = ("name", "birth_date", "identifier", "number_of_10", "number_of_15")
_KIND_LABELS = {
    "name": "nom de personne",
    "birth_date": "date de naissance",
    "identifier": "identifiant",
    "number_of_10": "numéro partagé",
    "number_of_15": "numéro partagé",
    "date": "date",
    "integer": "nombre entier",
    "words": "liste fermée",
    "code": "code",
}


@dataclass(frozen=True)
class Word:
    """A value of a closed list: how it is written most, its rows, the code suggested and how sure (0 to 1)."""

    text: str
    key: str
    count: int
    code: str | None
    label_fr: str | None
    score: float
    like: str


@dataclass(frozen=True)
class ColumnProfile:
    """One column: what is in it, and what it probably is."""

    place: int
    header: str
    is_header_masked: bool
    field: Field
    score: float
    fill: float
    distinct: int
    kind_fr: str
    formats: tuple[tuple[str, float], ...]
    words: tuple[Word, ...]
    hidden_words: int
    hidden_rows: int

    @property
    def is_list(self) -> bool:
        return bool(self.words) or self.kind_fr.startswith(("liste", "code"))


@dataclass(frozen=True)
class FileProfile:
    """All that may be told of a file."""

    name: str
    rows: int
    guesses: tuple[Guess, ...]
    columns: tuple[ColumnProfile, ...]
    lines_above: int
    # What differs from the contract, where there is one; the contract's place in words.
    contract: str | None = None
    differences: tuple[Difference, ...] = field(default=())


@dataclass(frozen=True)
class Study:
    """A file's profile, with what the scaffold needs besides: the shapes of its columns, and what is known."""

    profile: FileProfile
    opened: Opened
    knowledge: Knowledge


def study(path: Path, project_dir: Path, operator: str | None = None) -> Study:
    """Profile a file; with an operator, or in a folder named after one, also compare it with the contract.

    Raises RejectedFile, or SynchroError if the operator given has no contract.
    """
    contracts = load_contracts(project_dir)
    if operator is not None and operator not in contracts:
        todo = f"choisir parmi {', '.join(contracts)}"
        raise SynchroError("NO_CONTRACT", f"aucun contrat pour l'opérateur {operator}", None, todo)
    knowledge = Knowledge(project_dir)
    opened = open_unknown(read_bytes(Path(path)), knowledge)
    suggestions = suggest_fields(opened.headers, opened.shapes, knowledge)
    guard = _guard(opened, suggestions, knowledge)
    found = zip(opened.places, opened.headers, opened.shapes, suggestions, strict=True)
    columns = tuple(_column(*column, guard, knowledge) for column in found)
    contract = _contract(contracts, Path(path), operator, opened)
    profile = FileProfile(
        name=_file_name(Path(path), guard),
        rows=opened.rows,
        guesses=tuple(_guarded(guess, guard) for guess in opened.sniffed.guesses),
        columns=columns,
        lines_above=opened.sniffed.lines_above,
        contract=f"{contract.operator}, {contract.name}" if contract else None,
        differences=tuple(compare(contract, opened, columns, project_dir)) if contract else (),
    )
    return Study(profile, opened, knowledge)


def _contract(
    contracts: dict[str, OperatorContract], path: Path, operator: str | None, opened: Opened
) -> ExtractContract | None:
    """The extract that the file's name or headers are those of, at the operator given or the folder's."""
    found = contracts.get(operator or path.resolve().parent.name)
    if found is None:
        return None
    extracts = list(found.extracts.values())
    named = [extract for extract in extracts if extract.month_of(path.name)]
    return named[0] if named else max(extracts, key=lambda extract: _headers_in_common(extract, opened.headers))


def _headers_in_common(extract: ExtractContract, headers: Sequence[str]) -> int:
    return sum(any(header in column.headers for header in headers) for column in extract.columns)


# ------------------------------------------------------------------------------------- what may be shown


def _guard(opened: Opened, suggestions: Sequence[Suggestion], knowledge: Knowledge) -> Guard:
    """The value guard, told every name of the file: of columns of names, and of columns that look like some."""
    names: set[str] = set()
    for shape, suggestion in zip(opened.shapes, suggestions, strict=True):
        looks_like_names = shape.name_share(knowledge.lexicon) >= 0.5 and suggestion.field.kind != "words"
        if suggestion.field.kind == "name" or looks_like_names:
            names |= set(shape.counts)
    return Guard(names)


def _file_name(path: Path, guard: Guard) -> str:
    """The file's name, its month aside, passes the guard or is masked."""
    return MASK + path.suffix if guard.is_suspect(_MONTH.sub(" ", path.stem)) else path.name


def _guarded(guess: Guess, guard: Guard) -> Guess:
    return Guess(guess.what, MASK, guess.sure, guess.why) if guard.is_suspect(guess.value) else guess


def _may_show_header(header: str, suggestion: Suggestion, guard: Guard, knowledge: Knowledge) -> bool:
    """A header is the operator's word for a column; one that means nothing to us might be a person's name."""
    is_known = any(word in knowledge.header_lexicon for word in header_words(header))
    means_something = is_known or knowledge.is_of_the_trade(header) or suggestion.field.field != "ignored"
    return means_something and not guard.is_suspect(header)


def _column(
    place: int, header: str, shape: Shape, suggestion: Suggestion, guard: Guard, knowledge: Knowledge
) -> ColumnProfile:
    found = suggestion.field
    shows_header = _may_show_header(header, suggestion, guard, knowledge)
    words = _words(shape, found, guard, knowledge)
    return ColumnProfile(
        place=place,
        header=header if shows_header else MASK,
        is_header_masked=not shows_header,
        field=found,
        score=suggestion.score,
        fill=shape.fill,
        distinct=shape.distinct,
        kind_fr=_kind(shape, found),
        formats=tuple((form.format, form.share) for form in shape.dates if shape.date_share >= 0.5),
        words=words,
        hidden_words=len(shape.keys) - len(words),
        hidden_rows=shape.filled - sum(word.count for word in words),
    )


def _kind(shape: Shape, found: Field) -> str:
    if not shape.filled:
        return "vide"
    if found.kind in _KIND_LABELS:
        return _KIND_LABELS[found.kind]
    if shape.date_share >= 0.5:
        return "date"
    return "liste fermée non reconnue" if shape.is_closed_list else "texte libre"


def _words(shape: Shape, found: Field, guard: Guard, knowledge: Knowledge) -> tuple[Word, ...]:
    """The values that may be shown, the commonest first."""
    if found.kind in _MASKED_KINDS or found.kind in ("date", "integer") or shape.date_share >= 0.5:
        return ()
    known = knowledge.words.get(found.field, {})
    known_rows = sum(count for key, count in shape.keys.items() if key in known)
    if not (shape.is_closed_list or known_rows >= 0.6 * shape.filled):
        return ()
    texts: dict[str, str] = {}
    for text, _ in sorted(shape.counts.items(), key=lambda pair: (-pair[1], pair[0])):
        texts.setdefault(source_key(text), text)
    words = []
    for key, count in sorted(shape.keys.items(), key=lambda pair: (-pair[1], pair[0])):
        is_word = count >= MIN_SEEN and knowledge.is_of_the_trade(key) and not guard.is_suspect(texts[key])
        if key in known or is_word:
            words.append(_word(texts[key], key, count, found, knowledge))
    return tuple(words)


def _word(text: str, key: str, count: int, found: Field, knowledge: Knowledge) -> Word:
    if found.vocabulary is None:
        return Word(text, key, count, None, None, 0.0, "")
    like, code, score = knowledge.nearest[found.vocabulary].find(key)
    if score < ALIKE:
        return Word(text, key, count, None, None, score, "")
    return Word(text, key, count, code, knowledge.labels[found.vocabulary].get(code), score, like)
