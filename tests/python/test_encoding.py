"""Keyed encodings: known answers, two layers that compose, and what similarity survives them."""

from __future__ import annotations

import hmac
import random

import numpy as np
import pyarrow as pa
import pytest

from synchro.columns import Coded, joint
from synchro.encoding import IDENTITY_SCHEMA, Encoder, Identities, OperatorLayer, VaultLayer, bigrams, messages
from synchro.keys import Keys, Mac

K1, K2 = bytes(range(32)), bytes(range(32, 64))
TOKENS = [name for name in IDENTITY_SCHEMA.names if name.endswith(("_token", "_fonem", "_skeleton"))]


def encoder(territory: str = "testville", k1: bytes = K1, k2: bytes = K2) -> Encoder:
    return Encoder(Keys(territory, k1, k2, K1))


def identities(*rows: tuple[str | None, str | None, str | None, str | None]) -> Identities:
    return Identities(*(Coded.from_list([row[field] for row in rows]) for field in range(4)))


def encode(*rows, with_encoder: Encoder | None = None) -> list[dict]:
    encoded = (with_encoder or encoder()).encode(identities(*rows))
    found = {row["identity_id"]: row for row in encoded.table.to_pylist()}
    return [found[encoded.identity_ids[code]] if code >= 0 else None for code in encoded.codes]


MARTIN = ("MARTIN", "JEAN PAUL", None, "1980-03-04")


def test_the_prepared_hmac_is_hmac():
    for key in (K1, b"k" * 64, b"k" * 100):
        for message in (b"", b"a", b"x" * 200):
            assert Mac(key)(message) == hmac.digest(key, message, "sha256")


def test_sub_keys_are_those_of_the_specification():
    one = hmac.digest(K1, b"synchro|v1|testville|last_name", "sha256")
    two = hmac.digest(K2, b"synchro|v1|testville|last_name", "sha256")
    code = hmac.digest(two, hmac.digest(one, b"MARTIN", "sha256"), "sha256")
    assert encode(MARTIN)[0]["last_name_token"] == int.from_bytes(code[:8], "big")


def test_known_answers():
    row = encode(MARTIN)[0]
    assert row["identity_id"] == "989f4009e46dfb35c713d2da16dfca0a"
    assert row["names_token"] == 15346658045958522512
    assert row["last_name_skeleton"] == 928467834933905683
    assert row["birth_date_token"] == 4891933131133979852
    words = [1316471803654447236, 5805421397345042433, 155306855186752, 1153062247732446976]
    assert [row[f"last_name_f{word}"] for word in range(4)] == words
    assert row["names_bits"] == 107


def test_the_layers_compose_to_the_fast_path():
    one, two = OperatorLayer(K1, "testville"), VaultLayer(K2, "testville")
    row = encode(MARTIN)[0]

    def token(field: str, text: str) -> int:
        return two.token(field, one.code(field, text.encode()))

    assert row["last_name_token"] == token("last_name", "MARTIN")
    assert row["names_token"] == token("names", "JEAN MARTIN PAUL")
    assert row["first_name_part_tokens"] == sorted(token("name_part", part) for part in ("JEAN", "PAUL"))
    assert row["birth_date_token"] == token("birth_date", "1980-03-04")
    assert row["birth_date_swapped_token"] == token("birth_date", "1980-04-03")
    assert row["birth_year_month_token"] == token("birth_year_month", "1980-03")
    assert row["birth_year_day_token"] == token("birth_year_day", "1980-04")
    assert row["birth_month_day_token"] == token("birth_month_day", "03-04")
    message = b"6:MARTIN" + b"9:JEAN PAUL" + b"-" + b"10:1980-03-04"
    assert row["identity_id"] == two.identifier("identity_id", one.code("identity_id", message))
    for field, name in (("last_name", "MARTIN"), ("first_name", "JEAN PAUL")):
        words = two.filter(field, one.filter(field, name))
        assert [row[f"{field}_f{word}"] for word in range(4)] == list(words)
        assert row[f"{field}_bits"] == sum(word.bit_count() for word in words)
    both = two.filter("names", one.filter("names", "MARTIN") | one.filter("names", "JEAN PAUL"))
    assert [row[f"names_f{word}"] for word in range(4)] == list(both)


def test_the_table_has_the_columns_and_types_of_the_vault():
    table = encoder().encode(identities(MARTIN)).table
    assert table.schema == IDENTITY_SCHEMA
    assert table.schema.field("birth_year").type == pa.int16()
    assert table.schema.field("last_name_part_tokens").type == pa.list_(pa.uint64())


@pytest.mark.parametrize("other", [
    {"territory": "ailleurs"},
    {"k1": bytes(range(1, 33))},
    {"k2": bytes(range(1, 33))},
])  # fmt: skip
def test_other_keys_or_another_territory_share_nothing(other):
    here, there = encode(MARTIN)[0], encode(MARTIN, with_encoder=encoder(**other))[0]
    assert here["identity_id"] != there["identity_id"]
    assert {here[name] for name in TOKENS}.isdisjoint({there[name] for name in TOKENS} - {None})
    assert set(here["first_name_part_tokens"]).isdisjoint(there["first_name_part_tokens"])
    assert all(here[f"last_name_f{word}"] != there[f"last_name_f{word}"] for word in range(4))


def test_fields_share_no_token():
    row = encode(("ALI", "ALI", "ALI", "1980-03-03"))[0]
    # Two tokens share a sub-key on purpose: a swapped date is a date, a birth name is another list's last name.
    tokens = [row[name] for name in TOKENS if name not in ("birth_date_swapped_token", "birth_name_token")]
    assert len(set(tokens)) == len(tokens)
    assert row["birth_name_token"] == row["last_name_token"]


def test_swapped_names_keep_the_set_and_the_parts():
    one, two = encode(("DIALLO", "MAMADOU", None, None), ("MAMADOU", "DIALLO", None, None))
    assert one["names_token"] == two["names_token"]
    assert [one[f"names_f{word}"] for word in range(4)] == [two[f"names_f{word}"] for word in range(4)]
    assert one["last_name_part_tokens"] == two["first_name_part_tokens"]
    assert one["last_name_token"] != two["first_name_token"]
    assert one["identity_id"] != two["identity_id"]


def test_missing_fields_are_null():
    only_first, only_birth, nothing = encode(
        (None, "ALI", None, None), (None, None, None, "1990-01-01"), (None, None, None, None)
    )
    assert nothing is None
    assert only_first["last_name_token"] is only_first["last_name_f0"] is only_first["names_token"] is None
    assert only_first["last_name_part_tokens"] is None
    assert only_first["names_bits"] > 0
    assert only_first["birth_date_precision"] == "missing"
    assert only_first["birth_year"] is only_first["birth_date_token"] is None
    assert only_birth["names_bits"] is only_birth["first_name_token"] is None


@pytest.mark.parametrize("day", ["1990-01-01", "1990-12-31"])
def test_a_conventional_day_is_a_year_only(day):
    row = encode(("A", "B", None, day))[0]
    assert row["birth_date_precision"] == "year"
    assert row["birth_year"] == 1990
    assert row["birth_date_token"] is not None
    names = ("birth_date_swapped_token", "birth_year_month_token", "birth_year_day_token", "birth_month_day_token")
    assert all(row[name] is None for name in names)


def test_exchanged_day_and_month_compare():
    one, two, late = encode(
        ("A", "B", None, "1980-03-04"), ("A", "B", None, "1980-04-03"), ("A", "B", None, "1980-04-25")
    )
    assert one["birth_date_token"] == two["birth_date_swapped_token"]
    assert late["birth_date_swapped_token"] is None


def test_equal_rows_are_one_identity():
    rows = [MARTIN, ("DURAND", None, None, None), MARTIN, (None, None, None, None), MARTIN]
    encoded = encoder().encode(identities(*rows))
    assert encoded.codes.tolist() == [0, 1, 0, -1, 0]
    assert encoded.table["identity_id"].to_pylist() == encoded.identity_ids[:2]
    again = encoder().encode(identities(*rows), known={encoded.identity_ids[0]})
    assert again.codes.tolist() == encoded.codes.tolist()
    assert again.table.equals(encoded.table.slice(1))


def test_messages_can_be_cut_back_in_one_way_only():
    rows = [("a", "bc"), ("ab", "c"), (None, "abc"), ("-", "abc"), ("1:a", None), ("a", "1:a")]
    columns = [Coded.from_list([row[field] for row in rows]) for field in range(2)]
    assert len(set(messages(columns))) == len(rows)


def test_joint_codes_number_combinations_even_past_64_bits():
    random_ = np.random.default_rng(3)
    columns = [random_.integers(-1, 3, 500) for _ in range(4)]
    wide = [np.where(codes < 0, -1, codes * (2**40)) for codes in columns]
    codes, first = joint(columns)
    wide_codes, wide_first = joint(wide)
    assert codes.tolist() == wide_codes.tolist()
    assert first.tolist() == wide_first.tolist()
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert [rows[first[code]] for code in codes] == rows


def test_compact_columns_keep_their_rows():
    column = Coded.from_list(["a", "b", None, "c", "b"]).take(np.array([4, 2, 3]))
    assert column.compact().values == ["b", "c"]
    assert column.compact().codes.tolist() == [0, -1, 1]


def test_bigrams_are_padded_word_by_word():
    assert list(bigrams("AB C")) == [" A", "AB", "B ", " C", "C "]


def dice(one: dict, two: dict, field: str) -> float:
    common = sum((one[f"{field}_f{word}"] & two[f"{field}_f{word}"]).bit_count() for word in range(4))
    return 2 * common / (one[f"{field}_bits"] + two[f"{field}_bits"])


def typo(name: str, source: random.Random) -> str:
    place = source.randrange(1, len(name))
    letter = source.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    kind = source.randrange(3)
    return name[:place] + (letter if kind else "") + name[place + (kind != 1) :]


def test_one_typo_stays_far_above_chance():
    source = random.Random(5)
    syllables = [
        "BA",
        "KO",
        "MAR",
        "TIN",
        "DI",
        "LO",
        "SA",
        "FOU",
        "RE",
        "NE",
        "GUI",
        "HAM",
        "ZA",
        "TOU",
        "LE",
        "CHA",
    ]
    last = ["".join(source.choices(syllables, k=3)) for _ in range(150)]
    first = ["".join(source.choices(syllables, k=2)) for _ in range(150)]
    rows = [(a, b, None, None) for a, b in zip(last, first, strict=True)]
    typos = [(typo(a, source), b, None, None) for a, b in zip(last, first, strict=True)]
    clear, mistyped = encode(*rows), encode(*typos)
    for field, gap in (("last_name", 0.3), ("names", 0.3)):
        same = [dice(*pair, field) for pair in zip(clear, mistyped, strict=True)]
        chance = [dice(clear[i], clear[i - 1], field) for i in range(len(clear)) if last[i] != last[i - 1]]
        assert np.mean(same) - np.mean(chance) > gap, field
        assert np.quantile(same, 0.05) > np.quantile(chance, 0.95), field
    fill = np.mean([row["names_bits"] for row in clear]) / 256
    assert 0.25 < fill < 0.45


def test_a_day_that_no_calendar_has_tells_its_parts():
    real, impossible, nearby = encode(
        ("A", "B", None, "1980-02-21"), ("A", "B", None, "1980-02-31"), ("A", "B", None, "0000-02-21")
    )
    assert impossible["birth_date_precision"] == nearby["birth_date_precision"] == "parts"
    assert impossible["birth_year"] == 1980
    assert impossible["birth_year_month_token"] == real["birth_year_month_token"]
    assert impossible["birth_date_swapped_token"] is None
    # Without a year, only month and day are left.
    assert nearby["birth_year"] is nearby["birth_year_month_token"] is nearby["birth_year_day_token"] is None
    assert nearby["birth_month_day_token"] == real["birth_month_day_token"]
