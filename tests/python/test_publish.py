"""The publication: what leaves the warehouse, under which ids, and that it is old or new, never half."""

from __future__ import annotations

import csv
import hmac
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from publishing_kit import PERSONS, PUBLICATION_KEY, Installation, disclose, files_in, small_installation
from synchro.dictionary import neutral_cell
from synchro.errors import LockedDatabase, SynchroError
from synchro.publication import edition, shelf
from synchro.publication.shelf import Shelf


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(edition, "disclose", disclose)
    return small_installation(tmp_path)


def _rows(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()


def _code(built: Installation, audience: str = "internal") -> str:
    with pytest.raises(SynchroError) as caught:
        built.publish(audience)
    return caught.value.code


def test_layout_is_what_the_dashboard_reads(built: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    publication = built.publish()
    names = set(files_in(built.folder))
    handed = [
        "bridge",
        "communes",
        "compiled_list",
        "ind_monthly_flows",
        "ind_revisions",
        "ind_stock",
        "voc_situation",
    ]
    assert names == (
        {f"data/synchro/{name}.parquet" for name in handed}
        | {f"csv/{name}.csv" for name in handed}
        | {f"sources/synchro/{name}.sql" for name in handed}
        | {"sources/synchro/connection.yaml", "dictionary.json", "dictionnaire.csv", "README.txt"}
        | {"liste-compilee-2024-03.xlsx", "synchro.duckdb", "manifest.json"}
    )
    query = (built.folder / "sources/synchro/ind_stock.sql").read_text()
    # The paths are relative to the project that reads them.
    monkeypatch.chdir(built.folder)
    with duckdb.connect() as con:
        assert con.execute(query).fetchall()[0][:3] == (1, 12, 0.5)
    assert publication.folder == built.folder
    assert list(publication.not_handed_over) == ["dq_empty"]
    assert publication.deliveries.is_synthetic


def test_types_are_plain_and_an_empty_date_is_text(built: Installation) -> None:
    built.publish()
    stock = pq.read_schema(built.folder / "data/synchro/ind_stock.parquet")
    assert [str(field.type) for field in stock] == [
        "int64",
        "int64",
        "double",
        "string",
        "timestamp[us]",
        "bool",
    ]
    listed = pq.read_schema(built.folder / "data/synchro/compiled_list.parquet")
    assert str(listed.field("reference_month").type).startswith("date32")
    assert str(listed.field("since_date").type) == "string"


def test_ids_are_those_of_the_publication_key_and_can_still_be_joined(built: Installation) -> None:
    built.publish()
    listed = _rows(built.folder / "data/synchro/compiled_list.parquet")
    bridge = _rows(built.folder / "data/synchro/bridge.parquet")[0]

    def expected(kind: str, value: str) -> str:
        label = f"synchro|v1|dijon|publication|internal|{kind}".encode()
        sub_key = hmac.digest(PUBLICATION_KEY, label, "sha256")
        return hmac.digest(sub_key, value.encode(), "sha256").hex()[:32]

    assert [row["person_id"] for row in listed] == sorted(expected("person", value) for value in PERSONS[:3])
    assert {row["household_record_id"] for row in listed} == {
        expected("household", PERSONS[3]),
        expected("household", PERSONS[4]),
        None,
    }
    assert bridge["person_id"] == expected("person", PERSONS[0])
    assert bridge["record_id"] == expected("record", PERSONS[0])
    assert bridge["first_record_id"] == expected("record", PERSONS[1])
    assert bridge["delivery_id"] == "d1"
    everything = b"".join(files_in(built.folder).values())
    assert not any(person.encode() in everything for person in PERSONS)


def test_a_column_that_hides_ids_is_refused_until_it_is_documented(built: Installation) -> None:
    built.sql(f"alter table indicators.ind_stock add column example varchar default 'siao {PERSONS[0]}'")
    assert _code(built) == "KEY_LEAK"
    column = {"name": "example", "description": "", "config": {"meta": {"pseudonym": "person"}}}
    built.edit(
        "manifest.json",
        lambda manifest: manifest["nodes"]["model.synchro.ind_stock"]["columns"].update(example=column),
    )
    built.publish()
    assert PERSONS[0].encode() not in b"".join(files_in(built.folder).values())


def test_same_inputs_give_the_same_bytes_whatever_the_physical_order(built: Installation, tmp_path: Path) -> None:
    built.publish()
    before = files_in(built.folder)
    built.sql("create or replace table compiled.compiled_list as from compiled.compiled_list order by all desc")
    elsewhere = replace(built, settings=replace(built.settings, published=tmp_path / "elsewhere"))
    elsewhere.publish()
    after = files_in(elsewhere.folder)
    # How DuckDB lays out its file is its own affair; the manifest holds that file's digest.
    for name in ("synchro.duckdb", "manifest.json"):
        del before[name], after[name]
    assert after == before


def test_dictionary_tells_tables_columns_and_what_is_not_handed_over(built: Installation) -> None:
    built.publish()
    dictionary = json.loads((built.folder / "dictionary.json").read_text())
    tables = {table["name"]: table for table in dictionary["tables"]}
    assert dictionary["is_synthetic"] is True
    assert dictionary["dbt"]["vars"] == {"territory": "dijon", "as_of": "9999-12-31"}
    assert dictionary["deliveries"]["last_received_at"] == "2024-04-09 08:30:00"
    assert tables["compiled_list"]["grain"] == "One row per thing of compiled_list."
    assert tables["compiled_list"]["key"] == ["reference_month", "person_id"]
    assert tables["ind_stock"]["key"] == ["position"]
    assert tables["dq_empty"]["row_count"] == 0
    assert "vide" in tables["dq_empty"]["reason"]
    text = (built.folder / "dictionnaire.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines(), delimiter=";"))
    situation = next(row for row in rows if row["colonne"] == "situation")
    assert situation["description"] == "'=Where the person slept. (fr: lieu de nuit)"
    assert (situation["libelle"], situation["mention"][:16]) == ("lieu de nuit", "DONNÉES FICTIVES")
    assert tables["compiled_list"]["columns"][3]["label_fr"] == "lieu de nuit"
    readme = (built.folder / "README.txt").read_text()
    assert "DONNÉES FICTIVES" in readme
    assert "2024-02 à 2024-03" in readme


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_is_neutralised(start: str) -> None:
    assert neutral_cell(f"{start}cmd") == f"'{start}cmd"


def test_as_of_limits_what_the_publication_rests_on(built: Installation) -> None:
    built.edit("run_results.json", lambda results: results["args"].update(vars={"as_of": "2024-03-09"}))
    assert built.publish().deliveries.count == 1
    assert "au 2024-03-09" in (built.folder / "README.txt").read_text()
    built.edit("run_results.json", lambda results: results["args"].update(vars={"as_of": "2020-01-01"}))
    assert _code(built) == "NO_DELIVERY"


def test_files_are_read_by_owner_and_group_and_written_by_nobody(built: Installation) -> None:
    built.publish()
    for path in [built.folder.resolve(), *built.folder.resolve().rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o550 if path.is_dir() else 0o440)


def test_an_unknown_audience_is_refused_before_anything_is_read(built: Installation) -> None:
    built.settings.warehouse.unlink()
    assert _code(built, "everyone") == "AUDIENCE"
    assert not built.settings.published.exists()


def _fail_a_test(results: dict[str, Any]) -> None:
    results["results"][-1]["status"] = "fail"


def _select_one(results: dict[str, Any]) -> None:
    results["args"]["select"] = ["ind_stock"]


def _leave_tests_out(results: dict[str, Any]) -> None:
    results["args"]["exclude_resource_types"] = ["test", "unit_test"]


def _only_compile(results: dict[str, Any]) -> None:
    results["args"]["which"] = "generate"


def _skip_a_mart(results: dict[str, Any]) -> None:
    results["results"][0]["status"] = "skipped"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_fail_a_test, "BUILD_FAILED"),
        (_select_one, "BUILD_PARTIAL"),
        (_only_compile, "BUILD_PARTIAL"),
        (_leave_tests_out, "BUILD_PARTIAL"),
        (_skip_a_mart, "BUILD_PARTIAL"),
    ],
)
def test_an_unsound_build_is_not_published(
    built: Installation, change: Callable[[dict[str, Any]], None], code: str
) -> None:
    built.edit("run_results.json", change)
    assert _code(built) == code


def test_a_build_that_leaves_unit_tests_out_is_whole(built: Installation) -> None:
    """What `synchro run` does: they read no row of the month."""
    built.edit("run_results.json", lambda results: results["args"].update(exclude_resource_types=["unit_test"]))
    assert built.publish().is_new


def test_what_is_missing_is_named(built: Installation) -> None:
    built.settings.keys.rename(built.settings.keys.with_suffix(".away"))
    assert _code(built) == "KEYS_MISSING"
    built.settings.keys.with_suffix(".away").rename(built.settings.keys)
    (built.target / "run_results.json").rename(built.target / "away.json")
    assert _code(built) == "BUILD_FAILED"
    (built.target / "away.json").rename(built.target / "run_results.json")
    built.sql("drop table indicators.ind_stock")
    assert _code(built) == "MARTS_NOT_BUILT"
    (built.target / "manifest.json").unlink()
    assert _code(built) == "MANIFEST"


def test_a_missing_or_locked_warehouse_is_a_clear_error(built: Installation) -> None:
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, built.settings.warehouse],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout.readline() == b"open\n"
        with pytest.raises(LockedDatabase):
            built.publish()
        writer.stdin.close()
    built.settings.warehouse.unlink()
    with pytest.raises(SynchroError):
        built.publish()
    assert not built.folder.exists()


def test_a_type_that_is_not_plain_is_refused(built: Installation) -> None:
    built.sql("alter table indicators.ind_stock add column ids varchar[]")
    assert _code(built) == "NOT_PLAIN"


def test_a_failure_at_any_step_leaves_the_old_publication(
    built: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.publish()
    before = files_in(built.folder)
    built.sql("insert into indicators.ind_stock (position) values (3)")

    def disk_full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    for owner, name in ((pq, "write_table"), (shelf, "sync"), (os, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, disk_full)
            assert _code(built) == "WRITE"
        assert files_in(built.folder) == before
        assert len(list(built.settings.published.glob(".internal-*"))) == 1
    built.publish()
    assert files_in(built.folder) != before
    assert len(list(built.settings.published.glob(".internal-*"))) == 1


def test_what_a_killed_publication_left_is_removed_by_the_next(built: Installation) -> None:
    left = built.settings.published / ".internal-killed"
    left.mkdir(parents=True)
    (left / "half.parquet").write_bytes(b"PAR1")
    built.publish()
    assert not left.exists()


def test_two_publications_do_not_run_at_once(built: Installation) -> None:
    with Shelf(built.settings.published, "internal").draft():
        assert _code(built) == "LOCKED"
    built.publish()


def test_a_folder_of_someone_else_is_not_replaced(built: Installation) -> None:
    built.folder.mkdir(parents=True)
    assert _code(built) == "PUBLISHED_FOLDER"
