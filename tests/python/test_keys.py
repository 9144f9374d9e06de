"""The key file: secret, complete, and explained when it is not."""

from __future__ import annotations

import stat

import pytest

from landing_kit import KEYS, write_keys
from synchro.errors import KeysError
from synchro.keys import generate_keys, load_keys


def test_keys_are_read_and_never_shown(tmp_path):
    keys = load_keys(write_keys(tmp_path / "k.json"))
    assert keys.territory == "testville"
    assert keys.k1 == bytes(range(32))
    assert KEYS["k1"][:8] not in repr(keys)
    assert str(keys.k1) not in repr(keys)


def test_generated_keys_are_private_distinct_and_never_overwritten(tmp_path):
    path = tmp_path / "keys" / "k.json"
    keys = generate_keys(path, "testville")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len({keys.k1, keys.k2, keys.publication}) == 3
    assert load_keys(path) == keys
    with pytest.raises(KeysError) as caught:
        generate_keys(path, "testville")
    assert caught.value.code == "KEYS_EXIST"
    assert load_keys(path) == keys


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"k1": "00" * 16}, ["`k1`", "trop faible"]),
        ({"k2": "00" * 32}, ["`k2`", "trop faible"]),
        ({"publication": "zz"}, ["`publication`", "hexadécimal"]),
        ({"k2": None}, ["`k2`"]),
        ({"territory": None}, ["sans territoire"]),
    ],
)
def test_malformed_keys_are_refused_without_being_shown(tmp_path, changes, words):
    with pytest.raises(KeysError) as caught:
        load_keys(write_keys(tmp_path / "k.json", **changes))
    for word in [*words, "k.json", "à faire"]:
        assert word in str(caught.value)
    assert KEYS["k1"] not in str(caught.value)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(KeysError, match="synchro land") as caught:
        load_keys(tmp_path / "none.json")
    assert caught.value.code == "KEYS_MISSING"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    path = write_keys(tmp_path / "k.json")
    path.chmod(mode)
    with pytest.raises(KeysError, match="chmod 600") as caught:
        load_keys(path)
    assert caught.value.code == "KEYS_OPEN"


def test_a_file_that_is_not_json_is_refused(tmp_path):
    path = tmp_path / "k.json"
    path.write_text(f"k1={KEYS['k1']}", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KeysError) as caught:
        load_keys(path)
    assert KEYS["k1"] not in str(caught.value)
