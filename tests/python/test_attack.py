"""The attacks of scripts/bench/privacy.py are real ones: they read what is badly protected, and without keys."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synchro.encoding import IDENTITY_SCHEMA
from synchro.keys import Keys, Mac

BENCH = Path(__file__).resolve().parents[2] / "scripts" / "bench" / "privacy.py"
spec = importlib.util.spec_from_file_location("privacy_bench", BENCH)
privacy = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = privacy
spec.loader.exec_module(privacy)

OTHER_KEYS = Keys("bench", bytes(range(100, 132)), bytes(range(132, 164)), bytes(range(32)))
ATTACKS = (
    privacy.attack_tokens,
    privacy.attack_fonems,
    privacy.attack_filters,
    privacy.attack_filters_seeded,
)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Some 3 000 persons of 150 first names; no two of the 60 most frequent are borne equally often."""
    names = privacy.victims(4000, ("french",))["first_name"].value_counts().index[:150]
    first = np.repeat(names.to_numpy(), [2 + max(0, 60 - rank) for rank in range(len(names))])
    first = np.random.default_rng(3).permutation(first)
    days = [f"{1940 + row % 60}-{row % 12 + 1:02}-{row % 27 + 2:02}" for row in range(len(first))]
    last = [f"NOM{_letters(row)}" for row in range(len(first))]
    return pd.DataFrame({"last_name": last, "first_name": first, "birth_date": days})


@pytest.fixture(scope="module")
def exact(people) -> dict[str, float]:
    return privacy.exact_names(people)


def _letters(number: int) -> str:
    return "".join(chr(65 + int(digit)) for digit in str(number))


def score(people: pd.DataFrame, guesses):
    return privacy.Score.of(guesses, people["first_name"].tolist())


def test_names_are_read_from_tokens_whose_ranks_are_unambiguous(people, exact):
    table = privacy.encode(people)
    assert table.schema.equals(IDENTITY_SCHEMA)
    guesses = privacy.attack_tokens(table, exact)
    frequent = people["first_name"].isin(privacy.ranked(exact)[:60]).to_numpy()
    is_right = np.array(guesses, dtype=object) == people["first_name"].to_numpy()
    assert is_right[frequent].all()


def test_mining_alone_reads_unfolded_filters_and_not_folded_ones(people, exact):
    bare = score(people, privacy.attack_filters(privacy.unfolded(people), exact))
    folded = score(people, privacy.attack_filters(privacy.encode(people), exact))
    assert bare.right > 0.9
    assert bare.wrong < 0.05
    assert folded.right < bare.right / 2


def test_seeded_mining_reads_folded_filters_too(people, exact):
    """Nobody should believe that folding and two keys make an identity anonymous."""
    for table in (privacy.unfolded(people), privacy.encode(people)):
        assert score(people, privacy.attack_filters_seeded(table, exact)).right > 0.9


def test_a_list_without_the_right_frequencies_gives_little(people, exact):
    shuffled = dict(zip(exact, np.random.default_rng(4).permutation(list(exact.values())), strict=True))
    table = privacy.encode(people)
    for attack in ATTACKS:
        assert score(people, attack(table, shuffled)).right < 0.2
    known = score(people, privacy.attack_filters_known(table, shuffled, privacy.knowing(people, 150)))
    assert known.right > 0.9


def test_attacks_hold_the_table_and_the_list_only(people, exact, monkeypatch):
    table = privacy.encode(people)

    def forbidden(*_):
        raise AssertionError("an attack used a key")

    for owner, name in ((privacy, "Encoder"), (privacy, "BENCH_KEYS"), (Mac, "__init__"), (Mac, "many")):
        monkeypatch.setattr(owner, name, forbidden)
    for attack in ATTACKS:
        assert list(inspect.signature(attack).parameters) == ["table", "names"]
        assert len(attack(table, exact)) == len(people)


def test_attacks_do_not_depend_on_which_keys(people, exact):
    assert score(people, privacy.attack_filters_seeded(privacy.encode(people, OTHER_KEYS), exact)).right > 0.9


def test_attacks_are_deterministic(people, exact):
    table = privacy.encode(people)
    for attack in ATTACKS:
        assert attack(table, exact) == attack(table, exact)


def test_score_counts_what_is_not_guessed_as_neither_right_nor_wrong():
    found = privacy.Score.of(["JEAN", None, "ANNE", "LOUIS"], ["JEAN", "JEAN", "ANNE", "PAUL"])
    assert (found.right, found.wrong, found.distinct) == (0.5, 0.25, 1 / 3)
