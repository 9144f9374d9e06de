"""Landing: what is stored, what is refused, and that nothing else changes."""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from landing_kit import (
    HEADER,
    VISITS,
    column,
    deliver,
    lines,
    moment,
    settings_of,
    table,
    visits_table,
    write_contract,
    write_keys,
    write_project,
)
from synchro.errors import KeyMismatch, KeysError, LockedDatabase, SynchroError
from synchro.landing import land
from synchro.warehouse import connect_read_only

CANARY = "ZQXCANARI"
MARCH = "visits_2024-03.csv"
ROWS = (
    "R1;Diallo;Fatou;03/04/1980;05/03/2024;À la rue;S1;2;note",
    "R2;El Amrani;Sami;01/01/1990;06/03/2024;Inconnue ?;S1;;",
    "R3;;;;07/03/2024;;;;",
)


@pytest.fixture
def settings(tmp_path):
    return write_project(tmp_path)


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def query(settings, sql: str) -> list[tuple]:
    with closing(connect_read_only(settings)) as connection:
        return connection.execute(sql).fetchall()


def land_one(settings, inbox, content, name=MARCH, **changes):
    deliver(inbox, name, content, **changes)
    return land(inbox, settings)[-1]


def state(settings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (settings.warehouse, settings.vault) if path.exists()}


def contents(settings) -> dict[str, list[tuple]]:
    """Every table of both files, rows sorted: what must not depend on any order."""
    with closing(connect_read_only(settings)) as connection:
        tables = connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables()"
            " where database_name in ('synchro', 'vault') order by all"
        ).fetchall()
        return {
            ".".join(names): sorted(map(repr, connection.execute(f"from {'.'.join(names)}").fetchall()))
            for names in tables
        }


# ------------------------------------------------------------------------------------------------- stored


def test_a_delivery_is_stored_as_the_contract_says(settings, inbox):
    receipt = land_one(settings, inbox, lines(*ROWS))
    assert (receipt.status, receipt.rows_in, receipt.rows_landed) == ("accepted", 3, 3)
    rows = query(
        settings, "select * exclude (_delivery_id, _record_id) from synchro.raw_alpha.visits order by _source_row"
    )
    assert rows == [
        (1, None, "1980", "day", "2024-03-05", "À la rue", "S1", "2"),
        (2, None, "1990", "year", "2024-03-06", "Inconnue ?", "S1", None),
        (3, None, None, "missing", "2024-03-07", None, None, None),
    ]
    [delivery] = query(settings, "select * exclude (sha256, contract_digest, key_id) from synchro.raw.deliveries")
    expected = (
        receipt.delivery_id,
        "alpha",
        "alpha",
        "visits",
        moment("2024-03-01").date(),
        MARCH,
        moment("2024-04-09T08:30"),
    )
    assert delivery == (*expected, "events", 3, 3, 0, 0, 0, 0, 0, 1, True, None, None)
    types = dict(query(settings, "select column_name, data_type from duckdb_columns() where table_name = 'visits'"))
    assert types.pop("_source_row") == "INTEGER"
    assert set(types.values()) == {"VARCHAR"}


def test_the_vault_knows_persons_by_tokens_only(settings, inbox):
    land_one(settings, inbox, lines(*ROWS))
    rows = query(
        settings,
        "select local_id, identity_id is null, birth_year, last_name_bits > 0 from vault.identity.record_identities"
        " join vault.identity.local_ids using (record_id) left join vault.identity.identity_encodings"
        " using (identity_id) order by local_id",
    )
    assert rows == [("R1", False, 1980, True), ("R2", False, 1990, True), ("R3", True, None, None)]
    records = query(settings, "select distinct _record_id from synchro.raw_alpha.visits")
    assert {len(record) for (record,) in records} == {32}
    dump = json.dumps(contents(settings))
    assert not [name for name in ("Diallo", "DIALLO", "Fatou", "Amrani", "1980-04-03", "03/04/1980") if name in dump]


def test_a_record_keeps_its_token_and_an_identity_its_own(settings, inbox):
    deliver(inbox, MARCH, lines(*ROWS))
    deliver(
        inbox,
        "visits_2024-04.csv",
        lines("R1;DIALLO;FATOU;3/4/1980;05/04/2024;;;;", "R9;Diallo;Fatou;03/04/1980;05/04/2024;;;;"),
    )
    land(inbox, settings)
    assert query(settings, "select count(distinct _record_id), count(*) from synchro.raw_alpha.visits") == [(4, 5)]
    shared = query(settings, "select count(*), count(distinct record_id) from vault.identity.record_identities"
                   " group by identity_id having identity_id is not null order by all")  # fmt: skip
    assert shared == [(1, 1), (3, 2)]


def test_without_a_local_id_the_household_and_identity_make_the_record(settings, inbox):
    columns = [column("dossier", "Dossier", "household.local_id", required=True), *VISITS[1:]]
    write_contract(settings.project_dir, "alpha", [table("visits", "visits_{yyyy}-{mm}.csv", columns)])
    header = HEADER.replace("Réf", "Dossier")
    rows = ["D1;Li;Ana;03/04/1980;05/03/2024;;;;", "D1;li;ana;03/04/1980;06/03/2024;;;;", "D1;Li;Bo;;07/03/2024;;;;"]
    land_one(settings, inbox, lines(*rows, header=header))
    counts = "count(distinct _record_id), count(distinct _household_id)"
    assert query(settings, f"select {counts} from synchro.raw_alpha.visits") == [(2, 1)]
    assert query(settings, "select distinct local_id from vault.identity.local_ids") == [("D1",)]


def test_an_extract_without_persons_has_no_record(settings, inbox):
    columns = [column("places", "Places", type="integer", required=True)]
    write_contract(settings.project_dir, "alpha", [table("visits", "visits_{yyyy}-{mm}.csv", columns)])
    land_one(settings, inbox, "Places\n3\n4\n")
    rows = query(settings, "select * exclude (_delivery_id) from synchro.raw_alpha.visits order by places")
    assert rows == [(1, None, None, None, None, "3"), (2, None, None, None, None, "4")]
    assert query(settings, "select count(*) from vault.identity.record_identities") == [(0,)]


def test_shared_numbers_become_tokens(settings, inbox):
    columns = [*VISITS, column("nur", "NUR", "shared.nur"), column("agdref", "AGDREF", "shared.agdref")]
    write_contract(settings.project_dir, "alpha", [table("visits", "visits_{yyyy}-{mm}.csv", columns)])
    rows = ["R1;;;;05/03/2024;;;;;021 03 456789;77", "R2;;;;05/03/2024;;;;;02103456789;NC", "R3;;;;05/03/2024;;;;;;"]
    receipt = land_one(settings, inbox, lines(*rows, header=f"{HEADER};NUR;AGDREF"))
    assert receipt.values_unreadable == 2
    counts = "count(distinct nur_token), count(nur_token), count(agdref_token), count(*)"
    assert query(settings, f"select {counts} from vault.identity.record_identities") == [(1, 2, 0, 3)]


def test_rows_are_deduplicated_quarantined_and_counted(settings, inbox):
    good = "R1;Li;Ana;;05/03/2024;;;;"
    rows = [
        good,
        good,
        ";Li;Ana;;05/03/2024;;;;",
        "R3;Li;Ana;;31/02/2024;;;;",
        "R4;Li;Ana;;05/04/2024;;;;",
        "R5;Li;Ana;31/02/1980;05/03/2024;;;peu;",
        "R6;Li;Ana;01/01/2030;  ;;;;",
        good,
    ]
    receipt = land_one(settings, inbox, lines(*rows))
    counts = (receipt.rows_in, receipt.rows_landed, receipt.rows_deduplicated, receipt.rows_quarantined)
    assert counts == (8, 2, 2, 4)
    assert receipt.values_unreadable == 2
    assert query(settings, "select source_row, column_name, code from synchro.raw.quarantine order by all") == [
        (3, "ref", "REQUIRED_EMPTY"),
        (4, "date_visite", "BAD_DATE"),
        (5, "date_visite", "FUTURE_DATE"),
        (7, "date_visite", "REQUIRED_EMPTY"),
    ]
    assert receipt.quarantine_codes == {"REQUIRED_EMPTY": 2, "BAD_DATE": 1, "FUTURE_DATE": 1}
    assert query(settings, "select _source_row from synchro.raw_alpha.visits order by all") == [(1,), (6,)]


def test_the_guard_masks_names_in_values_and_local_ids(settings, inbox):
    rows = [
        f"R1;{CANARY};Ana;;05/03/2024;chez {CANARY.lower()};S1;;",
        "R2;Martin;Ana;;05/03/2024;Chez MARTIN;06 12 34 56 78;;",
        f"{CANARY}-1;Li;;;05/03/2024;À la rue;Ana;;",
    ]
    receipt = land_one(settings, inbox, lines(*rows))
    assert receipt.values_masked == 3
    assert query(settings, "select situation, structure from synchro.raw_alpha.visits order by _source_row") == [
        ("[masqué]", "S1"),
        ("Chez MARTIN", "[masqué]"),
        ("À la rue", "[masqué]"),
    ]
    assert query(settings, "select local_id from vault.identity.local_ids order by all") == [
        ("R1",),
        ("R2",),
        (None,),
    ]


# ------------------------------------------------------------------------------------------------ no-ops


def test_the_same_bytes_again_change_nothing(settings, inbox):
    deliver(inbox, MARCH, lines(*ROWS))
    assert [receipt.status for receipt in land(inbox, settings)] == ["accepted"]
    before, receipts = state(settings), [path.read_bytes() for path in settings.receipts.iterdir()]
    assert [receipt.status for receipt in land(inbox, settings)] == ["duplicate"]
    assert state(settings) == before
    assert [path.read_bytes() for path in settings.receipts.iterdir()] == receipts
    assert not list(settings.warehouse.parent.glob("*.wal"))


def test_an_empty_inbox_makes_nothing(settings, inbox):
    (inbox / "alpha").mkdir()
    (inbox / "alpha" / ".cache").write_text("x", encoding="utf-8")
    assert land(inbox, settings) == []
    assert state(settings) == {}


def test_an_earlier_reception_of_the_same_bytes_is_registered(settings, inbox):
    land_one(settings, inbox, lines(*ROWS), received_at="2024-04-09T08:30:00")
    assert land_one(settings, inbox, lines(*ROWS), received_at="2024-04-02T08:30:00").status == "duplicate"
    assert query(settings, "select received_at from synchro.raw.deliveries") == [(moment("2024-04-02T08:30"),)]
    before = state(settings)
    land_one(settings, inbox, lines(*ROWS), received_at="2024-04-12T08:30:00")
    assert state(settings) == before


def test_received_at_comes_from_the_manifest_then_from_the_caller(settings, inbox):
    deliver(inbox, MARCH, lines(*ROWS), received_at="2024-04-09T10:30:00+02:00")
    deliver(inbox, "visits_2024-04.csv", lines(ROWS[0]), received_at=None)
    land(inbox, settings, received_at=moment("2024-05-11T00:00:00"))
    assert query(settings, "select received_at from synchro.raw.deliveries order by all") == [
        (moment("2024-04-09T08:30"),),
        (moment("2024-05-11"),),
    ]


def test_a_correction_is_another_delivery(settings, inbox):
    deliver(inbox, MARCH, lines(*ROWS))
    deliver(inbox, "visits_2024-03_v2.csv", lines(*ROWS[:2]), reference_month="2024-03")
    assert {receipt.status for receipt in land(inbox, settings)} == {"accepted"}
    assert query(settings, "select count(*) from synchro.raw.deliveries where reference_month = '2024-03-01'") == [
        (2,)
    ]


def test_the_order_of_landing_does_not_matter(tmp_path):
    files = {
        f"visits_2024-0{month}.csv": lines(*ROWS[: month % 3 + 1], f"R{month};Diallo;Fatou;;01/01/2024;;;;")
        for month in range(1, 6)
    }
    files["visits_2024-01_v2.csv"] = files["visits_2024-01.csv"]  # The same bytes under another name.
    files["visits_2024-05_v2.csv"] = lines("Fatou-7;Sow;Ali;;01/01/2024;;;;")  # Masked here...
    files["visits_2024-05_v3.csv"] = lines("Fatou-7;Sow;Fatou;;01/01/2024;;;;")  # ... and certainly here.
    found = []
    for turn in range(3):
        folder = tmp_path / str(turn)
        settings = write_project(folder)
        names = list(files)
        random.Random(turn).shuffle(names)
        for name in names if turn else [None]:
            inbox = folder / f"inbox_{name}"
            for chosen in [name] if name else files:
                month = chosen[7:14]
                day = 1 + sorted(files).index(chosen)
                deliver(inbox, chosen, files[chosen], reference_month=month, received_at=f"2024-06-{day:02}T00:00:00")
            land(inbox, settings)
        found.append(contents(settings))
    assert found[0] == found[1] == found[2]
    assert len(found[0]["synchro.raw.deliveries"]) == 7


# ------------------------------------------------------------------------------------------------ refused

BAD_FILES = {
    "EMPTY": {"content": b"", "rows": 0},
    "ENCODING": {"content": lines(f"R1;{CANARY}é;;;05/03/2024;;;;").encode("cp1252")},
    "NUL": {"content": lines(f"R1;{CANARY}\0;;;05/03/2024;;;;")},
    "HEADER": {"content": lines(ROWS[0], header=HEADER.replace("Nom", CANARY))},
    "HEADER_TWICE": {"content": lines(ROWS[0] + ";", header=HEADER + ";Nom")},
    "ROW_LENGTH": {"content": lines(f"R1;{CANARY}")},
    "QUOTES": {"content": lines(f'R1;"{CANARY};;;05/03/2024;;;;')},
    "NO_ROWS": {"content": HEADER + "\n", "rows": 7},
    "FORMAT": {"content": b"PK\x03\x04" + CANARY.encode()},
    "ROWS": {"content": lines(ROWS[0]), "rows": 3},
    "MANIFEST": {"content": lines(ROWS[0]), "sha256": "0" * 64},
    "FILE_NAME": {"content": lines(ROWS[0]), "name": f"{CANARY} 2024-03.csv"},
}


@pytest.mark.parametrize("code", BAD_FILES)
def test_a_refused_file_leaves_every_byte_and_no_value(settings, inbox, code, capfd):
    land_one(settings, inbox, lines(*ROWS))
    before = state(settings)
    name = BAD_FILES[code].get("name", "visits_2024-04.csv")
    changes = {key: value for key, value in BAD_FILES[code].items() if key != "name"}
    deliver(inbox, name, **changes)
    [receipt] = [receipt for receipt in land(inbox, settings) if receipt.status == "rejected"]
    assert receipt.code == code.replace("NO_ROWS", "ROWS")
    assert state(settings) == before
    written = (settings.receipts / f"{receipt.delivery_id}.json").read_text(encoding="utf-8")
    assert json.loads(written)["code"] == receipt.code
    for text in (receipt.message, receipt.model_dump_json(), written, *capfd.readouterr()):
        assert CANARY not in text
    assert "à faire" in receipt.message


@pytest.mark.parametrize(
    "claim",
    [{"operator": "beta"}, {"extract": "others"}, {"reference_month": "2024-02"}, {"rows": "x"}, {"autre": 1}],
)
def test_a_manifest_must_agree(settings, inbox, claim):
    assert land_one(settings, inbox, lines(*ROWS), **claim).code == "MANIFEST"
    assert state(settings) == {}


def test_no_rows_needs_a_manifest_that_says_so(settings, inbox):
    assert land_one(settings, inbox, HEADER + "\n", rows=0).status == "accepted"
    (inbox / "alpha" / f"{MARCH}.manifest.json").unlink()
    settings_real = write_project(settings.warehouse.parent / "real", aipd_reference="AIPD-1")
    write_contract(settings_real.project_dir, "alpha", [visits_table()], agreement={"reference": "C-1"})
    [receipt] = land(inbox, settings_real)
    assert receipt.code == "NO_ROWS"


def test_one_bad_file_does_not_stop_the_others(settings, inbox):
    deliver(inbox, MARCH, lines(*ROWS))
    deliver(inbox, "visits_2024-01.csv", b"")
    deliver(inbox, "visits_2024-02.csv", lines(ROWS[0].replace("/03/2024", "/02/2024")))
    assert [receipt.status for receipt in land(inbox, settings)] == ["rejected", "accepted", "accepted"]


def test_links_and_strangers_are_refused_without_their_names(settings, inbox, tmp_path):
    secret = tmp_path / f"{CANARY}.csv"
    secret.write_text(lines(*ROWS), encoding="utf-8")
    (inbox / "alpha").mkdir()
    (inbox / "alpha" / MARCH).symlink_to(secret)
    (inbox / "nobody").mkdir()
    (inbox / "nobody" / f"{CANARY}.csv").write_text("x", encoding="utf-8")
    (inbox / f"{CANARY}.xlsx").write_text("x", encoding="utf-8")
    os.mkfifo(inbox / "alpha" / "visits_2024-04.csv")
    receipts = land(inbox, settings)
    assert {receipt.code for receipt in receipts} == {"NOT_A_FILE", "NO_CONTRACT"}
    assert len(receipts) == 4
    assert not [receipt for receipt in receipts if CANARY in receipt.model_dump_json()]


def test_an_unforeseen_error_is_told_without_its_text(settings, inbox, monkeypatch):
    def explode(*_):
        raise ValueError(f"bad value: {CANARY}")

    monkeypatch.setattr("synchro.landing.prepare", explode)
    receipt = land_one(settings, inbox, lines(*ROWS))
    assert receipt.code == "INTERNAL"
    assert "ValueError" in receipt.message
    assert CANARY not in receipt.model_dump_json()


def test_a_failed_write_leaves_no_delivery(settings, inbox, monkeypatch):
    land_one(settings, inbox, lines(*ROWS))
    before = contents(settings)

    def fail(*_):
        raise duckdb.ConstraintException(f"duplicate key: {CANARY}")

    monkeypatch.setattr("synchro.storage.insert_row", fail)
    deliver(inbox, "visits_2024-04.csv", lines(f"R8;{CANARY};;;05/03/2024;;;;"))
    with pytest.raises(SynchroError) as caught:
        land(inbox, settings)
    assert CANARY not in str(caught.value)
    monkeypatch.undo()
    after = contents(settings)
    assert {name: rows for name, rows in after.items() if name.startswith("synchro.")} == {
        name: rows for name, rows in before.items() if name.startswith("synchro.")
    }
    assert land(inbox, settings)[-1].status == "accepted"


@pytest.mark.parametrize("step", ["store_in_vault", "store_in_warehouse", "write_receipt"])
def test_a_killed_run_is_completed_by_the_next(settings, inbox, tmp_path, step):
    land_one(settings, inbox, lines(*ROWS))
    deliver(inbox, "visits_2024-04.csv", lines("R8;Sow;Ali;;05/03/2024;;;;", "R1;Sow;Ali;;05/04/2024;;;;"))
    code = (
        "import os, pickle, sys, synchro.landing as landing\n"
        "inbox, settings, step = pickle.load(sys.stdin.buffer)\n"
        "done = getattr(landing, step)\n"
        "setattr(landing, step, lambda *given: (done(*given), os._exit(9)))\n"
        "landing.land(inbox, settings)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], input=pickle.dumps((inbox, settings, step)), check=False)
    assert killed.returncode == 9
    land(inbox, settings)
    assert [receipt.status for receipt in land(inbox, settings)] == ["duplicate", "duplicate"]
    whole = write_project(tmp_path / "whole")
    land(inbox, whole)
    assert contents(settings) == contents(whole)
    assert sorted(path.name for path in settings.receipts.iterdir()) == sorted(
        path.name for path in whole.receipts.iterdir()
    )


# ------------------------------------------------------------------------------------- keys, law, databases


def test_demonstration_keys_are_made_for_synthetic_files_only(settings, inbox):
    settings.keys.unlink()
    land_one(settings, inbox, lines(*ROWS))
    assert settings.keys.stat().st_mode & 0o777 == 0o600
    real = write_project(settings.warehouse.parent / "real", aipd_reference="AIPD-1")
    write_contract(real.project_dir, "alpha", [visits_table()], agreement={"reference": "C-1"})
    real.keys.unlink()
    deliver(inbox, MARCH, lines(*ROWS), synthetic=False)
    with pytest.raises(KeysError, match="synchro land"):
        land(inbox, real)
    assert not real.keys.exists()


def test_keys_lost_after_a_landing_are_never_made_again(settings, inbox):
    land_one(settings, inbox, lines(*ROWS))
    settings.keys.unlink()
    deliver(inbox, "visits_2024-04.csv", lines(ROWS[0]))
    with pytest.raises(KeysError, match="d'origine"):
        land(inbox, settings)
    assert not settings.keys.exists()


@pytest.mark.parametrize(
    "changes", [{"k1": bytes(range(9, 41)).hex()}, {"k2": bytes(range(9, 41)).hex()}, {"territory": "x"}]
)
def test_other_keys_than_the_vault_s_are_refused(settings, inbox, changes):
    land_one(settings, inbox, lines(*ROWS))
    before = state(settings)
    write_keys(settings.keys, **changes)
    deliver(inbox, "visits_2024-04.csv", lines(ROWS[0]))
    with pytest.raises(KeyMismatch) as caught:
        land(inbox, settings)
    assert caught.value.code == "KEY"
    assert state(settings) == before


def test_another_version_of_the_encoding_is_refused(settings, inbox, monkeypatch):
    land_one(settings, inbox, lines(*ROWS))
    monkeypatch.setattr("synchro.landing.ENCODING_VERSION", 2)
    deliver(inbox, "visits_2024-04.csv", lines(ROWS[0]))
    with pytest.raises(KeyMismatch):
        land(inbox, settings)


def test_real_data_needs_an_aipd_and_an_agreement(tmp_path, inbox):
    deliver(inbox, MARCH, lines(*ROWS), manifest=False)
    assert land(inbox, write_project(tmp_path / "a"))[0].code == "NO_AIPD"
    settings = write_project(tmp_path / "b", aipd_reference="AIPD 2026-01")
    assert land(inbox, settings)[0].code == "NO_AGREEMENT"
    write_contract(
        settings.project_dir, "alpha", [visits_table()], agreement={"reference": "C-1", "signed_on": "2026-01-05"}
    )
    assert land(inbox, settings)[0].status == "accepted"
    deliver(inbox, "visits_2024-04.csv", lines(ROWS[0]))
    receipts = land(inbox, settings)
    assert [receipt.code for receipt in receipts] == [None, "MIXED"]


def test_mixed_kinds_at_the_first_landing_are_both_refused(tmp_path, inbox):
    settings = write_project(tmp_path, aipd_reference="AIPD 2026-01")
    write_contract(settings.project_dir, "alpha", [visits_table()], agreement={"reference": "C-1"})
    deliver(inbox, MARCH, lines(*ROWS), synthetic=False)
    deliver(inbox, "visits_2024-04.csv", lines(ROWS[0]))
    assert {receipt.code for receipt in land(inbox, settings)} == {"MIXED"}
    assert state(settings) == {}


def test_a_contract_that_gains_a_column_or_an_operator_extends_the_tables(settings, inbox):
    land_one(settings, inbox, lines(*ROWS))
    write_contract(
        settings.project_dir,
        "alpha",
        [table("visits", "visits_{yyyy}-{mm}.csv", [*VISITS, column("zone", "Zone", code=True)])],
    )
    write_contract(settings.project_dir, "beta", [visits_table()])
    land(inbox, settings)
    assert query(settings, "select zone from synchro.raw_alpha.visits limit 1") == [(None,)]
    assert query(settings, "select count(*) from synchro.raw_beta.visits") == [(0,)]
    deliver(inbox, "visits_2024-04.csv", lines(ROWS[0] + ";Nord", header=f"{HEADER};Zone"))
    assert land(inbox, settings)[-1].status == "accepted"
    assert query(settings, "select zone from synchro.raw_alpha.visits where zone is not null") == [("Nord",)]


def test_a_database_in_use_is_said_with_the_process(settings, inbox):
    land_one(settings, inbox, lines(*ROWS))
    before = state(settings)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(settings.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(LockedDatabase) as caught:
            land(inbox, settings)
        assert str(other.pid) in str(caught.value)
        assert "attendre" in str(caught.value)
        other.stdin.close()
        other.wait()
    assert state(settings) == before


def test_one_database_without_the_other_is_refused(settings, inbox):
    land_one(settings, inbox, lines(*ROWS))
    shutil.move(settings.vault, settings.vault.with_suffix(".away"))
    with pytest.raises(SynchroError, match="vont ensemble"):
        land(inbox, settings)


def test_a_file_that_is_no_database_is_refused(settings, inbox):
    settings.warehouse.write_bytes(b"x" * 5000)
    settings.vault.write_bytes(b"x" * 5000)
    deliver(inbox, MARCH, lines(*ROWS))
    with pytest.raises(SynchroError, match="impossible à ouvrir"):
        land(inbox, settings)


def test_a_missing_inbox_is_said(settings, tmp_path):
    with pytest.raises(SynchroError, match="introuvable"):
        land(tmp_path / "nowhere", settings)


def test_progress_counts_files(settings, inbox):
    deliver(inbox, MARCH, lines(*ROWS))
    deliver(inbox, "visits_2024-04.csv", b"")
    seen = []
    land(inbox, settings, progress=lambda *step: seen.append(step))
    assert seen == [("Réception", 1, 2), ("Réception", 2, 2)]


def test_nothing_is_printed(settings, inbox, capfd):
    land_one(settings, inbox, lines(*ROWS))
    assert capfd.readouterr() == ("", "")


def test_reading_needs_databases(tmp_path):
    with pytest.raises(SynchroError, match="synchro land"):
        connect_read_only(settings_of(tmp_path, Path(tmp_path)))
