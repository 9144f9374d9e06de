"""What holds for any name: a typo keeps its level, other keys share chance only, spellings and swaps are one."""

from __future__ import annotations

import math
import re
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conftest import PROJECT
from synchro.encoding import BITS, FOLDED_WORDS, HASHES, bigrams
from synchro.normalise import normalise_name
from test_encoding import TOKENS, dice, encode, encoder

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FOLDED_BITS = BITS // 2
# How far from its mean, in standard deviations, what hashing decides may fall: one draw in 10 million does.
SIGMAS = 5.3
# The Dice similarity from which a pair of names has a level, as the comparisons of the linkage state it.
BOUNDS = {
    level: float(bound)
    for level, bound in re.findall(
        r"\('(\w+)', dice\(field\) ~ ' >= ([\d.]+)'\)",
        (PROJECT / "macros" / "name_levels.sql").read_text(encoding="utf-8"),
    )
}

keys = st.binary(min_size=32, max_size=32)
words = st.text(LETTERS, min_size=3, max_size=10)
names = st.lists(words, min_size=1, max_size=3).map(" ".join).map(normalise_name).filter(bool)
birth_dates = st.dates().map(str)
people = st.tuples(*(st.none() | field for field in (names, names, names, birth_dates)))


def distinct_letters(shortest: int, longest: int) -> st.SearchStrategy[str]:
    """A word without a repeated letter, so that it has a bigram more than it has letters."""
    return st.permutations(LETTERS).flatmap(
        lambda order: st.integers(shortest, longest).map(lambda length: "".join(order[:length]))
    )


def mistyped(name: str, kind: str, place: int, letter: str) -> str:
    """The name with one slip of the hand at a place."""
    if kind == "insertion":
        return name[:place] + letter + name[place:]
    if kind == "deletion":
        return name[:place] + name[place + 1 :]
    if kind == "substitution":
        return name[:place] + letter + name[place + 1 :]
    place = min(place, len(name) - 2)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def test_the_bounds_of_the_levels_are_read() -> None:
    assert list(BOUNDS) == ["near", "alike", "somewhat_alike"]


@pytest.mark.parametrize(
    ("kind", "shortest", "longest", "level"),
    [
        ("insertion", 5, 7, "somewhat_alike"),
        ("deletion", 5, 7, "somewhat_alike"),
        ("substitution", 5, 7, "somewhat_alike"),
        ("insertion", 8, 14, "alike"),
        ("deletion", 8, 14, "alike"),
        ("substitution", 8, 14, "alike"),
        # Two letters exchanged touch three bigrams, not two.
        ("transposition", 8, 14, "somewhat_alike"),
    ],
)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_typo_stays_above_the_bound_of_its_level(
    kind: str, shortest: int, longest: int, level: str, data: st.DataObject
) -> None:
    name = data.draw(distinct_letters(shortest, longest))
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    pair = encode((name, None, None, None), (mistyped(name, kind, place, letter), None, None, None))
    assert dice(*pair, "last_name") >= BOUNDS[level]


@given(distinct_letters(5, 14), keys, keys)
@settings(max_examples=60, deadline=None)
def test_other_keys_share_no_more_than_chance(name: str, one: bytes, other: bytes) -> None:
    assume(one != other)
    row = (name, name[::-1], f"{name}EL", "1980-03-04")
    pair = [encode(row, with_encoder=encoder(**kept))[0] for kept in ({"k2": one}, {"k2": other})]
    pair += [encode(row, with_encoder=encoder(**kept))[0] for kept in ({"k1": one}, {"k1": other})]
    for left, right in (pair[:2], pair[2:]):
        assert {left[token] for token in TOKENS}.isdisjoint({right[token] for token in TOKENS})
        assert set(left["last_name_part_tokens"]).isdisjoint(right["last_name_part_tokens"])
        # Bits in common of two sets of a and b drawn among 256: hypergeometric.
        a, b = left["last_name_bits"], right["last_name_bits"]
        mean = a * b / FOLDED_BITS
        variance = mean * (FOLDED_BITS - a) * (FOLDED_BITS - b) / FOLDED_BITS / (FOLDED_BITS - 1)
        assert abs(dice(left, right, "last_name") * (a + b) / 2 - mean) <= SIGMAS * math.sqrt(variance)


@given(names)
@settings(max_examples=200, deadline=None)
def test_a_filter_is_as_full_as_its_bigrams_make_it(name: str) -> None:
    row = encode((name, None, None, None))[0]
    draws = HASHES * len(set(bigrams(name)))
    is_set = 1 - (1 - 1 / BITS) ** draws
    folded = 2 * is_set * (1 - is_set)
    # Draws without replacement vary less than the independent bits whose deviation this is.
    deviation = math.sqrt(FOLDED_BITS * folded * (1 - folded))
    assert abs(row["last_name_bits"] - FOLDED_BITS * folded) <= SIGMAS * deviation
    assert row["last_name_bits"] <= draws
    assert row["last_name_bits"] == sum(row[f"last_name_f{word}"].bit_count() for word in range(FOLDED_WORDS))


@given(st.lists(people, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_an_encoding_depends_on_its_identity_alone(rows: list[tuple], source) -> None:
    """Not on what else is in the file, in what order, or on what the encoder met before."""
    shared = encoder()
    together = encode(*rows, with_encoder=shared)
    order = source.sample(range(len(rows)), len(rows))
    again = encode(*(rows[place] for place in order), with_encoder=shared)
    assert again == [together[place] for place in order]
    assert together == [encode(row)[0] for row in rows]


# ------------------------------------------------------------------------------------------------- spellings

ACCENTS = ["", "\u0300", "\u0301", "\u0302", "\u0303", "\u0308", "\u0327", "\u030c"]
PARTICLES = st.sampled_from(["", "EL", "DE LA", "BEN", "OULD", "VAN DER", "N", "D", "AIT"])


def spelling(data: st.DataObject, name: str) -> str:
    """The same name as another hand would type it: accents, case, composed or not, hyphens, odd spaces."""
    text = ""
    for letter in name:
        if letter == " ":
            text += data.draw(st.sampled_from([" ", "-", "\u00a0", " - ", "\u2011"]))
        else:
            accented = letter + data.draw(st.sampled_from(ACCENTS))
            text += data.draw(st.sampled_from([accented.lower(), accented]))
    return unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD"])), f" {text}  ")


@given(PARTICLES, names, st.data())
@settings(max_examples=150, deadline=None)
def test_spellings_of_a_name_are_one_name(particle: str, name: str, data: st.DataObject) -> None:
    plain = normalise_name(f"{particle} {name}")
    assume(plain)
    assert normalise_name(spelling(data, f"{particle} {name}".strip())) == plain
    glued = particle.replace(" ", "")
    assert normalise_name(glued + name) == plain
    # An apostrophe joins what it stands between.
    assert normalise_name(f"{glued}{data.draw(st.sampled_from(['', chr(39), chr(0x2019)]))}{name}") == plain


@given(names, names, st.data())
@settings(max_examples=40, deadline=None)
def test_spellings_of_a_person_are_one_identity(last: str, first: str, data: st.DataObject) -> None:
    typed = [normalise_name(spelling(data, name)) for name in (last, first)]
    assert encode((*typed, None, None)) == encode((last, first, None, None))


@given(names, names, st.none() | names)
@settings(max_examples=60, deadline=None)
def test_names_that_changed_places_keep_their_set(last: str, first: str, birth: str | None) -> None:
    one, swapped, moved = encode(
        (last, first, birth, None), (first, last, birth, None), (birth or last, first, last, None)
    )
    assert one["names_token"] == swapped["names_token"] == moved["names_token"]
    assert one["last_name_part_tokens"] == swapped["first_name_part_tokens"]
    assert [one[f"names_f{word}"] for word in range(FOLDED_WORDS)] == [
        swapped[f"names_f{word}"] for word in range(FOLDED_WORDS)
    ]
