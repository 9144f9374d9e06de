"""Erasure and purge: who left is in no table, byte or later landing; who comes back after a purge is met again."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from conftest import PROJECT, Territory
from digests import table_digests
from synchro import erasure
from synchro.erasure import remove, scope_of_person, scope_of_purge
from synchro.errors import SynchroError
from synchro.landing import land
from synchro.settings import Settings
from synchro.tombstones import ERASED, PURGED, Tombstone, add_tombstones, read_tombstones
from synchro.warehouse import connect_read_only

DAY = date(2024, 7, 1)


@pytest.fixture
def installation(territory: Territory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The built territory in a folder of its own; what is built and published after a removal is tested elsewhere."""
    project = tmp_path / "project"
    for folder in ("models/staging", "seeds"):
        shutil.copytree(PROJECT / folder, project / folder)
    shutil.copy2(PROJECT / "dbt_project.yml", project)
    settings = Settings.in_folder(tmp_path, project)
    for copy, original in (
        (settings.warehouse, territory.settings.warehouse),
        (settings.vault, territory.settings.vault),
        (settings.keys, territory.settings.keys),
    ):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(original, copy)
    monkeypatch.setattr(erasure, "dbt_build", lambda *_, **__: None)
    monkeypatch.setattr(erasure, "publish", lambda *_, **__: None)
    return settings


def query(settings: Settings, sql: str, *values: object) -> list[tuple]:
    with closing(connect_read_only(settings)) as con:
        return con.execute(sql, list(values)).fetchall()


def a_person(settings: Settings) -> tuple[str, str, list[str]]:
    """An operator's number, and all records of a person whom several operators know and write in several ways.

    Names and birth date are known.
    """
    return query(
        settings,
        """
        select any_value(local_ids.operator), any_value(local_ids.local_id), list(distinct persons.record_id)
        from vault.linked.lnk_person_records as persons
        inner join vault.identity.local_ids as local_ids using (record_id)
        inner join vault.identity.record_identities using (record_id)
        inner join vault.identity.identity_encodings using (identity_id)
        where local_ids.local_id is not null and local_ids.operator != 'siao_115'
            and birth_date_precision = 'day' and last_name_token is not null
        group by persons.person_id
        having count(distinct local_ids.operator) > 2 and count(distinct identity_id) > 1
        order by persons.person_id
        limit 1
        """,
    )[0]


def landed_digests(settings: Settings) -> dict[str, str]:
    """Digests of all that landing wrote, in both files."""
    return {
        name: digest
        for name, digest in table_digests(settings).items()
        if name.startswith(("synchro.raw", "vault.identity"))
    }


def test_an_erased_person_is_in_no_table_and_no_byte(installation: Settings) -> None:
    operator, number, _ = a_person(installation)
    scope = scope_of_person(installation, operator, [number])
    assert len(scope.records) > 2
    assert len(scope.identities) > 0
    (rows_before,) = query(installation, "select sum(rows_landed)::bigint from synchro.raw.deliveries")
    removal = remove(installation, scope, ERASED, "D-1", DAY)
    assert removal.rows_removed > 0
    for path in (installation.warehouse, installation.vault):
        content = path.read_bytes()
        assert [token for token in scope.records if token.encode() in content] == []
    tables = query(
        installation,
        "select database_name, schema_name, table_name, column_name from duckdb_columns()"
        " where data_type = 'VARCHAR' and not internal and database_name in ('synchro', 'vault')",
    )
    assert len(tables) > 100
    for database, schema, table, column in tables:
        found = query(
            installation,
            f'select count(*) from "{database}"."{schema}"."{table}" where list_contains(?, "{column}")',
            list(scope.records),
        )
        assert found == [(0,)], (schema, table, column)
    (balance,) = query(
        installation,
        "select sum(rows_landed)::bigint, bool_and(rows_in = rows_landed + rows_deduplicated + rows_quarantined)"
        " from synchro.raw.deliveries",
    )
    assert balance == (rows_before[0] - removal.rows_removed, True)


def test_landing_everything_again_gives_what_the_erasure_gave(
    installation: Settings, territory: Territory, tmp_path: Path
) -> None:
    operator, number, _ = a_person(installation)
    remove(installation, scope_of_person(installation, operator, [number]), ERASED, "D-1", DAY)
    # The same files again: nothing comes back.
    before = landed_digests(installation)
    assert {receipt.status for receipt in land(territory.inbox, installation)} == {"duplicate"}
    assert landed_digests(installation) == before
    # From nothing, with the tombstones alone.
    afresh = Settings.in_folder(tmp_path / "afresh", installation.project_dir)
    for kept in ("keys", "tombstones"):
        getattr(afresh, kept).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(getattr(installation, kept), getattr(afresh, kept))
    receipts = land(territory.inbox, afresh)
    assert sum(receipt.quarantine_codes.get("ERASED", 0) for receipt in receipts) > 0
    assert landed_digests(afresh) == before


def test_the_receipt_says_how_much_and_not_who(installation: Settings) -> None:
    operator, number, records = a_person(installation)
    removal = remove(installation, scope_of_person(installation, operator, [number]), ERASED, "D-1", DAY)
    text = (installation.receipts / "effacement_2024-07-01_D-1.json").read_text(encoding="utf-8")
    assert json.loads(text)["records"] == removal.records == sum(removal.records_by_operator.values())
    assert [token for token in (number, *records) if token in text] == []


def test_decisions_on_an_erased_record_go_with_it(installation: Settings) -> None:
    operator, number, records = a_person(installation)
    overrides = installation.project_dir / "seeds" / "linkage" / "overrides.csv"
    header = overrides.read_text(encoding="utf-8")
    kept = "one,other,must_link,MR,2024-01-01,homonymes\n"
    overrides.write_text(f"{header}{records[0]},other,must_link,MR,2024-01-01,homonymes\n{kept}", encoding="utf-8")
    remove(installation, scope_of_person(installation, operator, [number]), ERASED, "D-1", DAY)
    assert overrides.read_text(encoding="utf-8") == header + kept


def test_one_record_alone_can_be_erased(installation: Settings) -> None:
    operator, number, records = a_person(installation)
    scope = scope_of_person(installation, operator, [number], whole_person=False)
    assert len(scope.records) == 1
    remove(installation, scope, ERASED, "D-2", DAY)
    left = query(
        installation,
        "select count(distinct record_id) from vault.identity.local_ids where list_contains(?, record_id)",
        records,
    )
    assert 0 < left[0][0] < len(records)


def test_an_unknown_number_erases_nothing(installation: Settings) -> None:
    before = installation.vault.read_bytes()
    with pytest.raises(SynchroError) as error:
        scope_of_person(installation, "hebergement", ["ZQXCANARI"])
    assert error.value.code == "NOT_FOUND"
    assert "ZQXCANARI" not in str(error.value)
    assert (installation.vault.read_bytes(), installation.tombstones.exists()) == (before, False)


def test_who_has_had_no_contact_for_too_long_is_purged_and_no_one_else(installation: Settings) -> None:
    on = date(2024, 7, 1)
    scope = scope_of_purge(installation, on, months=4)
    assert scope.records
    late = query(
        installation,
        """
        select bridge.record_id, max(evidence.end_date)
        from synchro.compiled.bridge_person_records as bridge
        inner join synchro.compiled.fct_evidence as evidence using (person_id)
        group by bridge.record_id
        """,
    )
    limit = date(2024, 3, 1)
    expected = {record for record, last in late if last < limit}
    assert expected <= set(scope.records)
    assert not {record for record, last in late if last >= limit} & set(scope.records)
    remove(installation, scope, PURGED, "4-mois", on)
    assert scope_records_left(installation, scope.records) == 0


def scope_records_left(settings: Settings, records: tuple[str, ...]) -> int:
    return query(
        settings,
        "select count(*) from vault.identity.record_identities where list_contains(?, record_id)",
        list(records),
    )[0][0]


def test_a_purge_holds_for_the_months_before_it_and_an_erasure_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "effacements.csv"
    add_tombstones(path, [Tombstone(ERASED, "a", "", "2024-07-01", "D-1")])
    add_tombstones(path, [Tombstone(PURGED, "b", "2024-07-01", "2024-07-01", "24-mois")])
    stones = read_tombstones(path)
    months = (date(2024, 7, 1), date(2024, 8, 1))
    assert [stones.keeps_out("a", month) for month in months] == [True, True]
    assert [stones.keeps_out("b", month) for month in months] == [True, False]
    assert not stones.keeps_out("c", months[0])
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_register_that_does_not_read_stops_everything(installation: Settings, territory: Territory) -> None:
    installation.tombstones.write_text("kind,token\nerased\n", encoding="utf-8")
    with pytest.raises(SynchroError) as error:
        land(territory.inbox, installation)
    assert error.value.code == "TOMBSTONES"
