"""The value guard: names and numbers of persons do not pass for codes."""

from __future__ import annotations

import pytest

from landing_kit import write_project
from synchro.columns import Coded
from synchro.guard import MASK, Guard, KnownValues

GUARD = Guard(["Martin", "N'Diaye", "El Amrani", "Li", "Inconnu", "DES RUES"])


@pytest.mark.parametrize(
    "text",
    ["chez Martin", "MARTIN", "martin,", "M. N’Diaye", "ndiaye", "Amrani", "ELAMRANI", "a@b.fr", "06 12 34 56 78",
     "né 01/02/1980", "12.34.56", "x" * 61, "rues", "17 ruelle des Lilas", "3 bis, Allée Verte", "12 av. Foch"],
)  # fmt: skip
def test_suspect_texts(text):
    assert GUARD.is_suspect(text)


@pytest.mark.parametrize(
    "text", ["CHU", "Martinique", "Li", "inconnu", "T2", "des", "12345", "2024-1", "x" * 60, "à la rue", "2 avis"]
)
def test_harmless_texts(text):
    assert not GUARD.is_suspect(text)


@pytest.mark.parametrize("text", ["0612345678", "+33 6 12 34 56 78", "1 80 03 21 231 001 23", "Martin-1", "a@b.fr"])
def test_suspect_local_ids(text):
    assert GUARD.is_suspect_local_id(text)


@pytest.mark.parametrize("text", ["123456789", "2024-000123", "DOS/45-6789", "A1"])
def test_local_ids_may_have_digits(text):
    assert not GUARD.is_suspect_local_id(text)


def test_known_words_pass_and_masks_are_counted_by_row():
    column = Coded.from_list(["Chez Martin", "chez martin ", "Martin", None, "CHU", "Martin"])
    masked, rows = GUARD.mask(column, frozenset({"chez martin"}))
    found = [masked.values[code] if code >= 0 else None for code in masked.codes]
    assert found == ["Chez Martin", "chez martin ", MASK, None, "CHU", MASK]
    assert rows.tolist() == [False, False, True, False, False, True]


def test_known_words_are_those_of_the_operator(tmp_path):
    known = KnownValues(write_project(tmp_path).project_dir)
    assert known.of("situation", "alpha") == {"a la rue", "chez martin"}
    assert known.of("situation", "beta") == frozenset()
    assert known.of(None, "alpha") == known.of("absent", "alpha") == frozenset()
