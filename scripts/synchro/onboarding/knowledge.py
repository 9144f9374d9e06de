"""What is known before a file is opened: how headers are written, which words operators use, what codes mean.

All of it is data of the project: `fields.csv` and `headers.csv` beside this module, the contracts, the mapping
seeds of every operator and the labels of the vocabularies.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import log
from pathlib import Path

from synchro.contracts import ColumnContract, load_contracts
from synchro.normalise import letters, source_key
from synchro.onboarding.entities import Entity, read_entities
from synchro.onboarding.similarity import Nearest

_HERE = Path(__file__).parent
# Codes that no word of an operator stands for; a word may well say "unknown".
RESERVED_CODES = ("unmapped", "not_collected")
_ABBREVIATIONS = {
    "n": "numero", "no": "numero", "num": "numero", "nb": "nombre", "nbre": "nombre", "dt": "date",
    "id": "identifiant", "ident": "identifiant", "ref": "reference", "typo": "typologie", "adm": "admission",
    "hosp": "hospitalisation", "nais": "naissance", "naiss": "naissance", "ddn": "date naissance",
    "dn": "date naissance", "compo": "composition", "civ": "civilite", "tel": "telephone", "obs": "observations",
    "sit": "situation", "cp": "commune", "heb": "hebergement", "log": "logement", "med": "medecin",
    "pers": "personne", "etab": "etablissement", "struct": "structure",
}  # fmt: skip
# Endings of number and gender.
_ENDINGS = ("S", "E", "ES", "X")
_EMPTY_WORDS = (
    *("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les"),
    *("ou", "par", "pour", "s", "sa", "ses", "un", "une"),
)


@dataclass(frozen=True)
class Field:
    """What a column may mean: a row of fields.csv. `codes` is the seed that lists what its words stand for."""

    field: str
    label_fr: str
    role: str
    kind: str
    codes: str
    # Name of the column in the tables, and its description there.
    name: str
    description: str
    # What it is for (French), where neither its role nor its vocabulary says it.
    purpose: str

    @property
    def vocabulary(self) -> str | None:
        return self.field if self.kind == "words" else None


def header_words(header: str) -> tuple[str, ...]:
    """The words of a header that say something: no accents, lower case, abbreviations spelled out."""
    words = re.sub(r"[^a-z0-9]+", " ", source_key(header.replace("°", "o "))).split()
    spelled = " ".join(_ABBREVIATIONS.get(word, word) for word in words).split()
    return tuple(word for word in spelled if word not in _EMPTY_WORDS) or tuple(spelled)


class Knowledge:
    """The knowledge of a project, all of it or without one operator (to see what the others teach)."""

    def __init__(self, project_dir: Path, without: str | None = None) -> None:
        """without: an operator whose contract, words and own headers are not to be used."""
        self.project_dir = Path(project_dir)
        self.without = without
        self.fields = {row["field"]: Field(**row) for row in _rows(_HERE / "fields.csv")}

    @cached_property
    def entities(self) -> dict[str, Entity]:
        return read_entities(self.project_dir)

    # ------------------------------------------------------------------------------------------- headers

    @cached_property
    def phrases(self) -> dict[str, list[tuple[str, ...]]]:
        """field -> the ways its header is known to be written, as header words."""
        headers = {
            operator: [
                (self._field_of(column), header)
                for extract in contract.extracts.values()
                for column in extract.columns
                for header in (column.header, *column.aliases)
            ]
            for operator, contract in load_contracts(self.project_dir).items()
        }
        own = {header_words(header) for _, header in headers.pop(self.without or "", [])}
        others = {header_words(header) for pairs in headers.values() for _, header in pairs}
        phrases: dict[str, list[tuple[str, ...]]] = {field: [] for field in self.fields}
        for row in _rows(_HERE / "headers.csv"):
            words = header_words(row["header"])
            if words not in own or words in others:
                phrases[row["field"]].append(words)
        for pairs in headers.values():
            for field, header in pairs:
                if field and header_words(header) not in phrases[field]:
                    phrases[field].append(header_words(header))
        return phrases

    def _field_of(self, column: ColumnContract) -> str | None:
        """The field of a contracted column; None where its contract does not say (dates, numbers, ignored ones)."""
        if column.vocabulary:
            return column.vocabulary
        if column.role in ("value", "ignored"):
            return None
        return next(field.field for field in self.fields.values() if field.role == column.role)

    @cached_property
    def header_weights(self) -> dict[str, float]:
        """How telling a header word is, 0 to 1: the fewer fields have it, the more."""
        fields = Counter(word for phrases in self.phrases.values() for word in set().union(*phrases))
        most = log(1 + len(self.phrases))
        return {word: log(1 + len(self.phrases) / count) / most for word, count in fields.items()}

    @cached_property
    def header_lexicon(self) -> frozenset[str]:
        return frozenset(word for phrases in self.phrases.values() for phrase in phrases for word in phrase)

    # --------------------------------------------------------------------------------------------- words

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """vocabulary -> source key of a word -> code, as the operators' mappings agree on most."""
        counts: dict[str, dict[str, Counter[str]]] = {}
        for field in self._word_fields():
            for row in _rows(self.project_dir / "seeds" / "mappings" / f"map_{field.field}.csv"):
                if row["operator"] != self.without:
                    known = counts.setdefault(field.field, {}).setdefault(row["source_value"], Counter())
                    known[row[field.field]] += 1
        best = {
            vocabulary: {word: min(codes, key=lambda code: (-codes[code], code)) for word, codes in known.items()}
            for vocabulary, known in counts.items()
        }
        return {field.field: self._all_words(field, best) for field in self._word_fields()}

    def _all_words(self, field: Field, mapped: dict[str, dict[str, str]]) -> dict[str, str]:
        """Own words, else labels, else words of a vocabulary with the same codes, else words for "unknown"."""
        # What says nothing in one vocabulary and something in none says nothing here either.
        telling = {word for known in mapped.values() for word, code in known.items() if code != "unknown"}
        words = {word: "unknown" for known in mapped.values() for word in known if word not in telling}
        for sister in self._word_fields():
            if sister.codes == field.codes:
                words |= mapped.get(sister.field, {})
        words |= dict(self._label_phrases(field))
        return words | mapped.get(field.field, {})

    def _word_fields(self) -> list[Field]:
        return [field for field in self.fields.values() if field.kind == "words"]

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """vocabulary -> code -> French label."""
        return {
            field.field: {row["code"]: row["label_fr"] for row in self._codes(field)} for field in self._word_fields()
        }

    def _codes(self, field: Field) -> list[dict[str, str]]:
        folder = "reference" if field.codes == "communes" else "vocabularies"
        return _rows(self.project_dir / "seeds" / folder / f"{field.codes}.csv")

    def _label_phrases(self, field: Field) -> Iterator[tuple[str, str]]:
        """The pieces of each code's label and definition, longest-standing last so that a label wins."""
        rows = [row for row in self._codes(field) if row["code"] not in RESERVED_CODES]
        for column in ("definition_fr", "label_fr"):
            for row in rows:
                text = row.get(column) or ""
                for piece in (*re.split(r"[(),.;/]| ou ", text), text):
                    if source_key(piece):
                        yield source_key(piece), row["code"]

    @cached_property
    def nearest(self) -> dict[str, Nearest]:
        """vocabulary -> finder of the known word most like another."""
        return {vocabulary: Nearest(words) for vocabulary, words in self.words.items()}

    @cached_property
    def lexicon(self) -> frozenset[str]:
        """Every word that is of the trade and not a person's, in upper case without accents."""
        texts = [(_HERE / "lexicon.txt").read_text(encoding="utf-8")]
        texts += [word for words in self.words.values() for word in words]
        return frozenset().union(*map(_words, texts))

    def is_of_the_trade(self, text: str) -> bool:
        """Whether each word of a text is in the lexicon, give or take an ending: nothing of it can name a person."""
        return any(map(str.isalpha, text)) and all(map(self._has_word, _words(text)))

    def _has_word(self, word: str) -> bool:
        stems = {word, *(word.removesuffix(end) for end in _ENDINGS), *(word + end for end in _ENDINGS)}
        return not self.lexicon.isdisjoint(stems)


def _words(text: str) -> frozenset[str]:
    """Words of two letters or more: a name may have no more than two."""
    return frozenset(word for word in letters(text).split() if len(word) >= 2)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
