"""The return to an operator: what it shows, by the operator's own numbers, and that nothing of others is in it."""

from __future__ import annotations

import dataclasses
import shutil
import stat
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest

from conftest import Territory
from synchro.errors import SynchroError
from synchro.feedback import ADJUSTMENTS, DUPLICATES, MISSING, NOTICE, RECORDS, SCORES, WORDS, write_feedback
from synchro.settings import Settings

OPERATOR = "siao_insertion"
MONTH = date(2024, 6, 1)


@pytest.fixture
def copies(territory: Territory, tmp_path: Path) -> Settings:
    """The built territory in files of its own, to be changed."""
    settings = dataclasses.replace(
        territory.settings, warehouse=tmp_path / "synchro.duckdb", vault=tmp_path / "vault.duckdb"
    )
    shutil.copy2(territory.settings.warehouse, settings.warehouse)
    shutil.copy2(territory.settings.vault, settings.vault)
    return settings


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"attach '{settings.warehouse}' as synchro")
    con.execute(f"attach '{settings.vault}' as vault")
    con.execute("use synchro")
    return con


def rows_of(path: Path, sheet: str) -> list[tuple]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(min_row=2, values_only=True))


def test_every_operator_gets_its_sheets_and_shares_between_nought_and_one(
    territory: Territory, tmp_path: Path
) -> None:
    for operator in ("hebergement", "accueil_jour", OPERATOR):
        written = write_feedback(territory.settings, operator, tmp_path / f"{operator}.xlsx")
        book = openpyxl.load_workbook(written.path)
        assert book.sheetnames == [NOTICE, SCORES, ADJUSTMENTS, RECORDS, MISSING, DUPLICATES, WORDS]
        scores = rows_of(written.path, SCORES)
        assert {row[0] for row in scores} >= {"Complétude", "Conformité", "Ponctualité", "Vraisemblance"}
        assert all(row[4] == pytest.approx(row[2] / row[3], abs=1e-4) for row in scores)
        assert stat.S_IMODE(written.path.stat().st_mode) == 0o600


def test_nothing_of_another_operator_is_read(territory: Territory, copies: Settings, tmp_path: Path) -> None:
    whole = write_feedback(territory.settings, OPERATOR, tmp_path / "whole.xlsx")
    assert whole.counts[MISSING] > 0
    con = connect(copies)
    for schema, tables in {
        "quality": ("dq_scores", "dq_adjustments", "dq_findings", "dq_unmapped_words", "dq_duplicate_records"),
        "harmonised": ("hrm_records",),
    }.items():
        for table in tables:
            con.execute(f"delete from {schema}.{table} where operator != ?", [OPERATOR])
    con.execute("delete from vault.identity.local_ids where operator != ?", [OPERATOR])
    con.execute("delete from vault.linked.lnk_records where operator != ?", [OPERATOR])
    own = "(select record_id from vault.linked.lnk_records)"
    con.execute(f"delete from vault.linked.lnk_links where record_id_l not in {own} or record_id_r not in {own}")
    con.close()
    assert write_feedback(copies, OPERATOR, tmp_path / "alone.xlsx").path.read_bytes() == whole.path.read_bytes()


def test_a_finding_and_a_duplicate_are_told_by_the_operators_own_numbers(copies: Settings, tmp_path: Path) -> None:
    con = connect(copies)
    (first, number_1), (second, number_2) = con.execute(
        """
        select records.record_id, local_ids.local_id
        from harmonised.hrm_records as records
        inner join vault.identity.local_ids as local_ids on records.record_id = local_ids.record_id
        where records.operator = ? and records.reference_month = ? and local_ids.local_id is not null
        order by records.record_id limit 2
        """,
        [OPERATOR, MONTH],
    ).fetchall()
    con.execute("delete from quality.dq_findings")
    con.execute("delete from quality.dq_duplicate_records")
    con.execute(
        "insert into quality.dq_findings by name select ? as operator, 'requests' as entity,"
        " 'update_before_request' as check_code, ? as reference_month, ? as record_id, 'row' as row_id,"
        " date '2024-06-03' as event_date",
        [OPERATOR, MONTH, first],
    )
    for record in (first, second):
        con.execute(
            "insert into quality.dq_duplicate_records by name select ? as operator, 'records' as entity,"
            " 'duplicate_record' as check_code, ? as reference_month, ? as record_id, ? as row_id",
            [OPERATOR, MONTH, record, record],
        )
    con.execute("delete from vault.linked.lnk_links")
    con.execute(
        "insert into vault.linked.lnk_links by name"
        " select ? as record_id_l, ? as record_id_r, 9.0 as match_weight, false as is_pinned",
        [first, second],
    )
    con.close()
    path = write_feedback(copies, OPERATOR, tmp_path / "retour.xlsx", MONTH).path
    [finding] = rows_of(path, RECORDS)
    assert (finding[0], finding[2].date()) == (number_1, date(2024, 6, 3))
    assert rows_of(path, DUPLICATES) == [(number_1, number_2, None)]


def test_a_record_without_a_name_is_missing_it(copies: Settings, tmp_path: Path) -> None:
    con = connect(copies)
    record, number = con.execute(
        """
        select records.record_id, local_ids.local_id
        from harmonised.hrm_records as records
        inner join vault.identity.local_ids as local_ids on records.record_id = local_ids.record_id
        where records.operator = ? and records.reference_month = ? and records.administrative_status != 'unknown'
        order by records.record_id limit 1
        """,
        [OPERATOR, MONTH],
    ).fetchone()
    con.execute("update vault.linked.lnk_records set last_name_token = null where record_id = ?", [record])
    con.close()
    path = write_feedback(copies, OPERATOR, tmp_path / "retour.xlsx", MONTH).path
    assert [row[1] for row in rows_of(path, MISSING) if row[0] == number] == ["Nom"]


def test_an_unknown_operator_and_an_unbuilt_warehouse_are_told(copies: Settings, tmp_path: Path) -> None:
    with pytest.raises(SynchroError) as unknown:
        write_feedback(copies, "nulle_part", tmp_path / "a.xlsx")
    assert (unknown.value.code, "choisir parmi" in str(unknown.value)) == ("OPERATOR", True)
    con = connect(copies)
    con.execute("drop schema quality cascade")
    con.close()
    with pytest.raises(SynchroError) as unbuilt:
        write_feedback(copies, OPERATOR, tmp_path / "a.xlsx")
    assert unbuilt.value.code == "NOT_BUILT"
    assert not (tmp_path / "a.xlsx").exists()
