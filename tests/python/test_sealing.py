"""Sealed deliveries: what leaves an operator, what landing believes, and receipts that can be verified."""

from __future__ import annotations

import base64
import json
import stat
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from landing_kit import (
    HEADER,
    VISITS,
    column,
    deliver,
    lines,
    table,
    visits_table,
    write_contract,
    write_keys,
    write_project,
)
from sealing_kit import DAY, MARCH, make_keys, rewrite_manifest, seal_content
from synchro.cli import main
from synchro.errors import KeysError, RejectedFile, SynchroError
from synchro.landing import land
from synchro.manifests import MANIFEST_SUFFIX
from synchro.receipts import is_authentic
from synchro.reception import (
    OPERATOR_LAYER,
    RECEPTION,
    RECOVERY,
    generate_operator,
    generate_reception,
    load_public,
    load_reception,
    public_path,
)
from synchro.sealing import load_sealer, seal, seal_all, unseal
from synchro.signing import is_signed_by, new_signing_key, public_key_of, sign
from test_landing import ROWS, contents, query, state

CANARY = "ZQXCANARI"


@pytest.fixture
def settings(tmp_path):
    return write_project(tmp_path)


@pytest.fixture
def sealer(settings):
    return make_keys(settings)


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


# --------------------------------------------------------------------------------------------------- keys


def test_keys_are_private_complete_and_never_overwritten(settings):
    written = generate_reception(settings)
    folder = settings.keys.parent
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in written if path.parent == folder}
    assert modes == {RECEPTION: 0o600, RECOVERY: 0o600, OPERATOR_LAYER: 0o600}
    before = {path: path.read_bytes() for path in written}
    with pytest.raises(KeysError) as caught:
        generate_reception(settings)
    assert caught.value.code == "KEYS_EXIST"
    assert {path: path.read_bytes() for path in written} == before
    public = public_path(settings.keys).read_text()
    keys = load_reception(settings)
    secrets = [str(keys.identity), keys.signing_key, json.loads(settings.keys.read_text())["k1"]]
    assert not [secret for secret in secrets if secret in public or secret in repr(keys)]


def test_the_recovery_key_opens_deliveries_too(settings, sealer, tmp_path):
    sealed = seal_content(tmp_path, sealer, lines(*ROWS))
    recovery = json.loads((settings.keys.parent / RECOVERY).read_text())["age_identity"]
    clear = pyrage.decrypt(sealed.path.read_bytes(), [pyrage.x25519.Identity.from_str(recovery)])
    assert clear.decode().startswith('"Réf";"Nom"')


def test_an_operator_key_of_another_operator_is_refused(settings, sealer):
    generate_operator(settings, "beta")
    with pytest.raises(KeysError, match="autre opérateur"):
        load_sealer(settings, [], "alpha", key=settings.keys.with_name("operateur-beta.json"))


def test_missing_keys_say_how_to_get_them(settings):
    with pytest.raises(KeysError, match=r"reception\.json"):
        load_sealer(settings, [], "alpha")
    generate_reception(settings)
    with pytest.raises(KeysError, match="keygen --operator alpha"):
        load_sealer(settings, [], "alpha")


# --------------------------------------------------------------------------------------------- signatures


def test_a_signature_covers_every_field_and_its_kind():
    secret = new_signing_key()
    signed = sign({"b": [1, None], "a": "é"}, "accusé", secret)
    public = public_key_of(secret)
    assert is_signed_by(signed, "accusé", public)
    assert not is_signed_by(signed, "livraison", public)
    assert not is_signed_by(signed | {"a": "e"}, "accusé", public)
    assert not is_signed_by(signed | {"c": 1}, "accusé", public)
    assert not is_signed_by({"b": [1, None], "a": "é"}, "accusé", public)
    assert not is_signed_by(signed | {"signature": "é"}, "accusé", public)
    assert not is_signed_by(signed, "accusé", public_key_of(new_signing_key()))


def test_a_signature_is_plain_ed25519():
    """So that anyone verifies a receipt without this project."""
    secret = new_signing_key()
    signed = sign({"b": 1, "a": "é"}, "accusé", secret)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key_of(secret).removeprefix("ed25519:")))
    key.verify(base64.b64decode(signed["signature"]), 'synchro|accusé|v1|{"a":"é","b":1}'.encode())


# ------------------------------------------------------------------------------------------ what is sealed


def test_what_leaves_is_encrypted_and_holds_contracted_columns_only(settings, sealer, tmp_path):
    row = f"R1;{CANARY};Ana;03/04/1980;05/03/2024;À la rue;S1;2;note {CANARY};tél {CANARY}"
    sealed = seal_content(tmp_path, sealer, lines(row, header=f"{HEADER};Téléphone {CANARY}"))
    manifest = sealed.path.with_name(sealed.path.name + MANIFEST_SUFFIX)
    assert CANARY.encode() not in sealed.path.read_bytes() + manifest.read_bytes()
    clear = pyrage.decrypt(sealed.path.read_bytes(), [load_reception(settings).identity]).decode()
    assert clear.splitlines() == [
        '"Réf";"Nom";"Prénom";"Né(e) le";"Date";"Situation";"Structure";"Places"',
        f'"R1";"{CANARY}";"Ana";"03/04/1980";"05/03/2024";"À la rue";"S1";"2"',
    ]
    assert sealed.manifest.columns_dropped == 1
    assert sealed.manifest.rows == 1
    assert sealed.path.name == "alpha_visits_2024-03_001.age"


def test_a_refused_file_is_not_sealed_and_does_not_stop_the_others(sealer, tmp_path):
    good = deliver(tmp_path / "clear", MARCH, lines(*ROWS))
    bad = deliver(tmp_path / "clear", "visits_2024-04.csv", lines(f"R1;{CANARY}"))
    alien = deliver(tmp_path / "clear", f"{CANARY}.csv", "x", manifest=False)
    outcomes = seal_all([bad, alien, good], tmp_path / "out", sealer, DAY)
    assert [outcome.error.code if outcome.error else None for outcome in outcomes] == [
        "ROW_LENGTH",
        "FILE_NAME",
        None,
    ]
    assert "fichier 1 sur 3, ligne 2" in str(outcomes[0].error)
    assert not [outcome for outcome in outcomes if CANARY in str(outcome.error)]
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_deliveries_are_numbered_and_the_same_is_not_sealed_twice(sealer, tmp_path):
    first = seal_content(tmp_path, sealer, lines(*ROWS))
    again = seal_content(tmp_path, sealer, lines(*ROWS))
    second = seal_content(tmp_path, sealer, lines(*ROWS[:2]), produced_at=DAY + timedelta(days=1))
    assert (first.is_new, again.is_new, second.is_new) == (True, False, True)
    assert again.path == first.path
    assert second.manifest.delivery_number == 2
    assert second.manifest.supersedes == first.manifest.sha256
    path = deliver(tmp_path / "clear", MARCH, lines(*ROWS[:2]))
    elsewhere = seal(path, tmp_path / "emptied", sealer, DAY, number=3)
    assert elsewhere.path.name == "alpha_visits_2024-03_003.age"


# ------------------------------------------------------------------------------------------ what is landed


@pytest.mark.parametrize("encode", [False, True])
def test_a_sealed_delivery_stores_what_the_file_in_clear_would(settings, sealer, inbox, tmp_path, encode):
    rows = [*ROWS, 'R4;"Li; ou ""Lee""";"A\nB";31/02/1980;08/03/2024;;;peu;x', ";;;;09/03/2024;;;;", ROWS[0]]
    sealer = load_sealer(settings, [], "alpha", encode=encode)
    sealed = seal_content(tmp_path, sealer, lines(*rows), rows=6)
    assert sealed.manifest.is_encoded == encode
    [receipt] = land(inbox, settings)
    plain = write_project(tmp_path / "plain")
    deliver(tmp_path / "plain_inbox", MARCH, lines(*rows), rows=sealed.manifest.rows)
    [expected] = land(tmp_path / "plain_inbox", plain)
    counts = {"rows_in", "rows_landed", "rows_deduplicated", "rows_quarantined", "values_masked", "values_unreadable"}
    assert receipt.model_dump(include=counts) == expected.model_dump(include=counts)
    assert receipt.status == "accepted"
    tables, others = contents(settings), contents(plain)
    for name in ("synchro.raw_alpha.visits", "synchro.raw.quarantine", "vault.identity.record_identities"):
        strip = [row.replace(receipt.delivery_id, "").replace(expected.delivery_id, "") for row in tables[name]]
        assert strip == [row.replace(expected.delivery_id, "") for row in others[name]]
    assert tables["vault.identity.identity_encodings"] == others["vault.identity.identity_encodings"]


def test_the_sender_s_manifest_dates_and_numbers_the_delivery(settings, sealer, inbox, tmp_path):
    sealed = seal_content(tmp_path, sealer, lines(*ROWS))
    [receipt] = land(inbox, settings, received_at=datetime(2025, 1, 1))
    assert (receipt.received_at, receipt.delivery_number) == (DAY, 1)
    assert receipt.sha256 == sealed.manifest.sha256
    found = query(settings, "select received_at, delivery_number, sealed_sha256 from synchro.raw.deliveries")
    assert found == [(DAY, 1, sealed.manifest.sha256_sealed)]


def test_the_same_again_is_a_no_op_with_the_same_receipt(settings, sealer, inbox, tmp_path):
    seal_content(tmp_path, sealer, lines(*ROWS))
    [receipt] = land(inbox, settings)
    before, written = state(settings), (settings.receipts / f"{receipt.delivery_id}.json").read_bytes()
    (settings.keys.parent / RECEPTION).rename(tmp_path / "away")  # Not even opened again.
    assert [again.status for again in land(inbox, settings)] == ["duplicate"]
    assert state(settings) == before
    assert (settings.receipts / f"{receipt.delivery_id}.json").read_bytes() == written


def test_nothing_in_clear_is_written_while_landing(settings, sealer, inbox, tmp_path):
    sealed = seal_content(tmp_path, sealer, lines(f"R1;{CANARY};Ana;03/04/1980;05/03/2024;;;;"))
    for path in (tmp_path / "clear").rglob("*.csv*"):
        path.unlink()
    assert [receipt.status for receipt in land(inbox, settings)] == ["accepted"]
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != sealed.path]
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]


def test_a_correction_then_a_return_to_the_first_content_are_three_deliveries(settings, sealer, inbox, tmp_path):
    for day, rows in enumerate([ROWS, ROWS[:2], ROWS]):
        seal_content(tmp_path, sealer, lines(*rows), produced_at=DAY + timedelta(days=day))
    assert [receipt.status for receipt in land(inbox, settings)] == ["accepted"] * 3
    found = query(settings, "select delivery_number, rows_in from synchro.raw.deliveries order by received_at")
    assert found == [(1, 3), (2, 2), (3, 3)]


def refused(settings, inbox, code: str) -> RejectedFile:
    """Land: the last file is refused by this code, in French, without a value, and nothing is changed."""
    before = state(settings)
    receipt = land(inbox, settings)[-1]
    assert (receipt.status, receipt.code) == ("rejected", code), receipt.message
    assert state(settings) == before
    assert "à faire" in receipt.message
    assert CANARY not in receipt.model_dump_json()
    return receipt


def test_a_number_used_again_and_an_older_one_are_refused(settings, sealer, inbox, tmp_path):
    seal_content(tmp_path, sealer, lines(*ROWS))
    second = seal_content(tmp_path, sealer, lines(*ROWS[:2]), produced_at=DAY + timedelta(days=1))
    first = sorted(inbox.rglob("*_001.age*"))
    kept = [path.rename(tmp_path / path.name) for path in first]
    land(inbox, settings)
    for path in kept:
        path.rename(inbox / "alpha" / path.name)
    before = state(settings)
    receipts = land(inbox, settings)
    assert [(receipt.status, receipt.code) for receipt in receipts] == [("rejected", "STALE"), ("duplicate", None)]
    assert state(settings) == before
    for path in inbox.rglob("*"):
        if path.is_file():
            path.unlink()
    replayed = seal_content(tmp_path, sealer, lines(*ROWS[:1]), produced_at=DAY + timedelta(days=2))
    target = inbox / "alpha" / second.path.name
    replayed.path.rename(target)
    manifest = inbox / "alpha" / (replayed.path.name + MANIFEST_SUFFIX)
    manifest.rename(target.with_name(target.name + MANIFEST_SUFFIX))
    rewrite_manifest(type(replayed)(target, replayed.manifest, True), settings, delivery_number=2)
    assert "2" in refused(settings, inbox, "REPLAY").message


def test_a_correction_dated_before_what_it_corrects_is_refused(settings, sealer, inbox, tmp_path):
    seal_content(tmp_path, sealer, lines(*ROWS))
    land(inbox, settings)
    seal_content(tmp_path, sealer, lines(*ROWS[:2]), produced_at=DAY - timedelta(days=1))
    refused(settings, inbox, "CLOCK")


def test_a_delivery_dated_from_the_future_is_refused(settings, sealer, inbox, tmp_path):
    seal_content(tmp_path, sealer, lines(*ROWS), produced_at=datetime(2999, 1, 1))
    refused(settings, inbox, "CLOCK")


LIES = {
    "TERRITORY": {"territory": "ailleurs"},
    "MANIFEST": {"extract": "others"},
    "SHA256": {"sha256": "0" * 64},
    "ROWS": {"rows": 4},
    "FILE_NAME": {"delivery_number": 9},
    "KEY": {"known_answer": "0" * 64},
}


@pytest.mark.parametrize("code", LIES)
def test_a_signed_manifest_that_is_wrong_is_refused(settings, sealer, inbox, tmp_path, code):
    rewrite_manifest(seal_content(tmp_path, sealer, lines(*ROWS)), settings, **LIES[code])
    refused(settings, inbox, code)


def test_columns_other_than_those_stated_are_refused(settings, sealer, inbox, tmp_path):
    rewrite_manifest(seal_content(tmp_path, sealer, lines(*ROWS)), settings, columns=["ref"])
    refused(settings, inbox, "MANIFEST")


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b[:99] + b"x" + b[100:]])
def test_altered_truncated_or_extended_bytes_are_refused(settings, sealer, inbox, tmp_path, change):
    sealed = seal_content(tmp_path, sealer, lines(*ROWS))
    sealed.path.write_bytes(change(sealed.path.read_bytes()))
    refused(settings, inbox, "SHA256")


@pytest.mark.parametrize("changes", [{"rows": 2}, {"signature": "AAAA"}, {"operator": "beta"}, {"synthetic": False}])
def test_an_altered_manifest_is_refused(settings, sealer, inbox, tmp_path, changes):
    path = seal_content(tmp_path, sealer, lines(*ROWS)).path
    manifest = path.with_name(path.name + MANIFEST_SUFFIX)
    document = json.loads(manifest.read_bytes()) | changes
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    manifest.write_text(text + "\n", encoding="utf-8")
    refused(settings, inbox, "SIGNATURE")
    manifest.write_text(json.dumps(document), encoding="utf-8")
    refused(settings, inbox, "MANIFEST")


def test_without_a_manifest_or_without_a_seal_it_is_refused(settings, sealer, inbox, tmp_path):
    path = seal_content(tmp_path, sealer, lines(*ROWS)).path
    path.with_name(path.name + MANIFEST_SUFFIX).unlink()
    refused(settings, inbox, "UNSIGNED")
    path.unlink()
    deliver(inbox, MARCH, lines(*ROWS))
    refused(settings, inbox, "UNSIGNED")


def test_another_operator_s_delivery_is_refused(settings, sealer, inbox, tmp_path):
    generate_operator(settings, "beta")
    secret = json.loads(settings.keys.with_name("operateur-beta.json").read_text())["signing_key"]
    path = seal_content(tmp_path, sealer, lines(*ROWS)).path
    manifest = path.with_name(path.name + MANIFEST_SUFFIX)
    document = sign(json.loads(manifest.read_bytes()), "livraison", secret)
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    manifest.write_text(text + "\n", encoding="utf-8")
    refused(settings, inbox, "SIGNATURE")


def test_an_expired_key_signs_no_more_and_an_unregistered_one_not_yet(settings, inbox, tmp_path):
    sealer = make_keys(settings, valid_until=DAY.date() - timedelta(days=1))
    seal_content(tmp_path, sealer, lines(*ROWS))
    refused(settings, inbox, "EXPIRED")
    write_contract(settings.project_dir, "alpha", [visits_table()])
    refused(settings, inbox, "SIGNATURE")


def test_a_file_sealed_to_others_is_refused(settings, sealer, inbox, tmp_path):
    other = write_project(tmp_path / "other")
    generate_reception(other)
    sealer = type(sealer)(sealer.contract, load_public(public_path(other.keys)), sealer.signing_key)
    seal_content(tmp_path, sealer, lines(*ROWS))
    refused(settings, inbox, "KEY")


def test_another_k1_is_told_by_the_fictitious_person(settings, sealer, inbox, tmp_path):
    layer = settings.keys.with_name(OPERATOR_LAYER)
    layer.unlink()
    write_keys(layer, k1=bytes(range(9, 41)).hex())
    seal_content(tmp_path, load_sealer(settings, [], "alpha"), lines(*ROWS))
    assert "K1" in refused(settings, inbox, "KEY").message


# ------------------------------------------------------------------------------ encoded at the operator's

PEOPLE = (
    "R1;El-Amrani;Sami Jean;01/01/1990;05/03/2024;chez El Amrani;S1;2;x",
    "R2;Jean Sami;El Amrani;12/05/1987;06/03/2024;À la rue;S1;;",
    "R3;;Ana;12/05/1987;06/03/2024;;;;",
    "R4;Li;;31/02/1985;06/03/2024;;;peu;",
    ";Sow;Ali;12/05/1987;07/03/2024;;;;",
)


def test_no_name_leaves_an_operator_that_encodes(settings, sealer, tmp_path):
    sealer = load_sealer(settings, [], "alpha", encode=True)
    sealed = seal_content(tmp_path, sealer, lines(*PEOPLE))
    clear = unseal(sealed.path.read_bytes(), sealed.manifest, load_reception(settings)).decode()
    found = [word for word in ("Amrani", "AMRANI", "Sami", "1987-05-12", "12/05", "Sow", "SOW") if word in clear]
    assert found == []
    assert "[masqué]" in clear
    assert json.loads(clear)["identities"]["birth_year"] == [1990, 1987, 1987, 1985]


def test_encoding_in_two_places_gives_every_table_as_in_one(settings, sealer, inbox, tmp_path):
    """Shared numbers, households and every encoding of identities, over two months in which persons come back."""
    columns = [*VISITS, column("nur", "NUR", "shared.nur"), column("dossier", "Dossier", "household.local_id")]
    header = f"{HEADER};NUR;Dossier"
    months = {MARCH: PEOPLE, "visits_2024-04.csv": [row.replace("/03/2024", "/04/2024") for row in PEOPLE[:2]]}
    plain = write_project(tmp_path / "plain")
    keys = [{"key": key.key} for key in sealer.contract.signing_keys]
    for place, more in ((settings, {"signing_keys": keys}), (plain, {})):
        table_ = table("visits", "visits_{yyyy}-{mm}{version}.csv", columns)
        write_contract(place.project_dir, "alpha", [table_], **more)
    sealer = load_sealer(settings, [], "alpha", encode=True)
    for name, rows in months.items():
        content = lines(*(f"{row};0210345678{n};D{n % 2}" for n, row in enumerate(rows)), header=header)
        seal_content(tmp_path, sealer, content, name)
        deliver(tmp_path / "plain_inbox", name, content, received_at=DAY.isoformat())
    receipts, expected = land(inbox, settings), land(tmp_path / "plain_inbox", plain)
    assert [receipt.status for receipt in receipts] == ["accepted", "accepted"]
    same = {"rows_in", "rows_landed", "rows_quarantined", "values_masked", "values_unreadable", "quarantine_codes"}
    assert [r.model_dump(include=same) for r in receipts] == [r.model_dump(include=same) for r in expected]
    tables, others = contents(settings), contents(plain)
    ids = {sealed.delivery_id: clear.delivery_id for sealed, clear in zip(receipts, expected, strict=True)}
    for name in set(tables) - {"synchro.raw.deliveries"}:
        found = "\n".join(tables[name])
        for sealed, clear in ids.items():
            found = found.replace(sealed, clear)
        assert sorted(found.split("\n")) == sorted("\n".join(others[name]).split("\n")), name
    assert len(tables["vault.identity.identity_encodings"]) == 4


def test_deliveries_of_every_kind_are_stored_together(settings, sealer, inbox, tmp_path):
    write_contract(settings.project_dir, "beta", [visits_table()])
    seal_content(tmp_path, load_sealer(settings, [], "alpha", encode=True), lines(*PEOPLE))
    april = lines(*PEOPLE).replace("/03/", "/04/")
    seal_content(tmp_path, load_sealer(settings, [], "alpha", encode=False), april, "visits_2024-04.csv")
    deliver(inbox, MARCH, lines(*PEOPLE), folder="beta", operator="beta")
    assert [receipt.status for receipt in land(inbox, settings)] == ["accepted"] * 3
    found = "select count(*), count(distinct identity_id) from vault.identity.record_identities"
    assert query(settings, found) == [(12, 4)]


def test_a_wrong_file_is_refused_where_it_is_encoded(settings, sealer, tmp_path):
    write_contract(settings.project_dir, "alpha", [visits_table(month_column="date_visite")])
    sealer = load_sealer(settings, [], "alpha", encode=True)
    with pytest.raises(RejectedFile) as caught:
        seal_content(tmp_path, sealer, lines(ROWS[0].replace("/03/", "/02/")))
    assert caught.value.code == "MONTH"


def reseal(settings, sealed, change) -> None:
    """The sender's own hand changes the encoded content, seals it and signs for it."""
    document = json.loads(unseal(sealed.path.read_bytes(), sealed.manifest, load_reception(settings)))
    change(document)
    clear = json.dumps(document).encode()
    recipients = map(pyrage.x25519.Recipient.from_str, load_public(public_path(settings.keys)).recipients)
    content = pyrage.encrypt(clear, list(recipients))
    sealed.path.write_bytes(content)
    claims = {"sha256": sha256(clear).hexdigest(), "sha256_sealed": sha256(content).hexdigest()}
    rewrite_manifest(sealed, settings, **claims, bytes=len(clear), bytes_sealed=len(content))


def _without_a_row(document):
    for values in document["rows"].values():
        values.pop()


FORGERIES = {
    "another contract": ("RULES", lambda document: document["rules"].update(contract="0")),
    "another version": ("RULES", lambda document: document["rules"].update(normaliser=0)),
    "no rules": ("MANIFEST", lambda document: document.pop("rules")),
    "rows less than counted": ("MANIFEST", _without_a_row),
    "an unknown code": ("MANIFEST", lambda document: document["book"].update(record_id=[])),
    "a column too many": ("MANIFEST", lambda document: document["rows"].update(name=[CANARY] * 4)),
    "a text for a code": ("MANIFEST", lambda document: document["quarantine"].update(code=[CANARY])),
    "a note of its own": ("MANIFEST", lambda document: document["counts"]["notes"].update({CANARY: 1})),
    "a count of its own": ("MANIFEST", lambda document: document["counts"].update(rows_in=9)),
    "a short filter": ("MANIFEST", lambda document: document["identities"].update(names_filter=["00"] * 4)),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_an_encoded_content_that_is_not_sound_is_refused(settings, sealer, inbox, tmp_path, forgery):
    code, change = FORGERIES[forgery]
    sealed = seal_content(tmp_path, load_sealer(settings, [], "alpha", encode=True), lines(*PEOPLE))
    reseal(settings, sealed, change)
    refused(settings, inbox, code)


# ----------------------------------------------------------------------------------------------- receipts


def test_receipts_are_signed_and_a_changed_one_is_told(settings, sealer, inbox, tmp_path):
    seal_content(tmp_path, sealer, lines(*ROWS))
    deliver(inbox, "visits_2024-04.csv", b"")
    land(inbox, settings)
    key = load_public(public_path(settings.keys)).receipt_key
    receipts = sorted(settings.receipts.glob("*.json"))
    assert [is_authentic(path, key) for path in receipts] == [True, True]
    path = receipts[0]
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | {"rows_landed": 99}), encoding="utf-8")
    assert not is_authentic(path, key)
    path.write_text(json.dumps(document | {"signature": None}), encoding="utf-8")
    assert not is_authentic(path, key)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(SynchroError, match="illisible"):
        is_authentic(path, key)


def test_the_commands_seal_and_verify_and_show_no_secret(settings, tmp_path, monkeypatch, capsys):
    for name in ("keys", "warehouse", "vault", "receipts"):
        monkeypatch.setenv(f"SYNCHRO_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("SYNCHRO_PROJECT", str(settings.project_dir))

    def command(*words: str | Path, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["synchro", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = "".join(capsys.readouterr())
        assert ended.value.code == status, printed
        return printed

    printed = command("keygen")
    printed += (printed_key := command("keygen", "--operator", "alpha"))
    public = json.loads((settings.keys.parent / "public" / "operateur-alpha.json").read_text())["signing_key"]
    assert public in printed_key.replace("\n", "")
    write_contract(settings.project_dir, "alpha", [visits_table()], signing_keys=[{"key": public}])
    path = deliver(tmp_path / "clear", MARCH, lines(*ROWS))
    printed += command("seal", path, "--out", tmp_path / "inbox" / "alpha")
    printed += command("seal", path, "--out", tmp_path / "inbox" / "alpha")
    assert "déjà scellé" in printed
    printed += command(
        "seal", deliver(tmp_path / "clear", "visits_2024-04.csv", b""), "--operator", "alpha", status=1
    )
    printed += command("land", tmp_path / "inbox")
    receipts = list(settings.receipts.glob("*.json"))
    printed += command("verify-receipt", *receipts)
    assert "authentique" in printed
    receipts[0].write_text(receipts[0].read_text().replace('"rows_in": 3', '"rows_in": 4'))
    printed += command("verify-receipt", *receipts, status=1)
    for file in settings.keys.parent.glob("*.json"):
        secrets = [
            value for name, value in json.loads(file.read_text()).items() if name not in ("territory", "operator")
        ]
        assert not [secret for secret in secrets if secret in printed]


def test_a_file_name_that_two_operators_know_needs_the_operator(settings, sealer, tmp_path):
    write_contract(settings.project_dir, "beta", [visits_table()])
    with pytest.raises(SynchroError, match="--operator"):
        load_sealer(settings, [Path(MARCH)])
    path = deliver(tmp_path / "clear", MARCH, lines(*ROWS))
    assert seal(path, tmp_path / "out", load_sealer(settings, [path], "alpha")).is_new
