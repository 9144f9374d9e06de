"""The publication: what leaves the warehouse, under which ids, and that it is old or new, never half."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from synchro import publish as publish_module
from synchro.dictionary import neutral_cell
from synchro.errors import LockedDatabase, SynchroError
from synchro.publish import Publication, publish
from synchro.settings import Settings

PERSONS = [hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest() for number in range(5)]
PUBLICATION_KEY = bytes(range(64, 96))

TABLES = {
    "compiled.compiled_list": f"""
        select
            unnest({PERSONS[:3]}) as person_id,
            unnest([{PERSONS[3]!r}, {PERSONS[4]!r}, null]) as household_record_id,
            date '2024-03-01' as reference_month,
            unnest(['=street', 'hotel', 'hotel']) as situation,
            cast(null as date) as since_date,
    """,
    "compiled.bridge": f"""
        select
            {PERSONS[0]!r} as record_id, {PERSONS[0]!r} as person_id, {PERSONS[1]!r} as first_record_id,
            'd1' as delivery_id
    """,
    "indicators.ind_stock": """
        select
            unnest([2, 1]) as position, cast(12 as hugeint) as persons, cast(0.5 as decimal(9, 2)) as share,
            cast('a' as enum ('a', 'b')) as band, timestamp '2024-04-01 10:00:00' as seen_at, true as is_total,
    """,
    "quality.dq_empty": "select 'x' as operator where false",
    "indicators.ind_hidden": "select 1 as n",
    "harmonised.hrm_records": "select 'x' as record_id",
    "vocabularies.voc_situation": "select 'street' as code, 'À la rue' as label_fr, 1 as position",
    "reference.communes": "select '21231' as code, 'Dijon' as label_fr, 1 as position",
    "mappings.map_situation": "select 'rue' as source_value",
}
PRIVATE = ("harmonised.hrm_records",)
SEEDS = ("vocabularies.voc_situation", "reference.communes", "mappings.map_situation")


@dataclass(frozen=True)
class Installation:
    """A small warehouse with the artefacts of its build, open to alteration."""

    settings: Settings
    target: Path

    def publish(self, audience: str = "internal") -> Publication:
        return publish(self.settings, audience=audience, target_dir=self.target)

    def sql(self, statement: str) -> None:
        with duckdb.connect(str(self.settings.warehouse)) as con:
            con.execute(statement)

    def edit(self, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
        path = self.target / name
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    @property
    def folder(self) -> Path:
        return self.settings.published / "internal"


@pytest.fixture
def built(tmp_path: Path) -> Installation:
    settings = Settings(
        project_dir=tmp_path,
        warehouse=tmp_path / "wh.duckdb",
        vault=tmp_path / "vault.duckdb",
        keys=tmp_path / "synchro.json",
        tombstones=tmp_path / "effacements.csv",
        receipts=tmp_path / "receipts",
        published=tmp_path / "published",
    )
    (tmp_path / "dbt_project.yml").write_text("vars: {territory: dijon, as_of: '9999-12-31'}\n")
    secrets = {"k1": bytes(range(32)), "k2": bytes(range(32, 64)), "publication": PUBLICATION_KEY}
    settings.keys.write_text(json.dumps({"territory": "dijon", **{name: key.hex() for name, key in secrets.items()}}))
    settings.keys.chmod(0o600)
    duckdb.connect(str(settings.vault)).close()
    installation = Installation(settings, tmp_path / "target")
    _write_warehouse(installation)
    _write_artifacts(installation.target)
    return installation


def _write_warehouse(installation: Installation) -> None:
    deliveries = """
        create schema raw;
        create table raw.deliveries as
        select unnest(['d1', 'd2']) as delivery_id, unnest([date '2024-02-01', date '2024-03-01'])
            as reference_month, true as is_synthetic,
            unnest([timestamp '2024-03-09 08:00:00', timestamp '2024-04-09 08:30:00']) as received_at
    """
    schemas = [f"create schema {schema}" for schema in sorted({name.split(".")[0] for name in TABLES})]
    tables = [f"create table {name} as {query}" for name, query in TABLES.items()]
    installation.sql(";".join([deliveries, *schemas, *tables]))


def _write_artifacts(target: Path) -> None:
    nodes = {}
    for name in TABLES:
        kind = "seed" if name in SEEDS else "model"
        node = _node(name, kind, "private" if name in PRIVATE else "public")
        nodes[node["unique_id"]] = node
    nodes["model.synchro.ind_hidden"]["config"]["meta"] = {"publish": False}
    nodes["model.synchro.ind_stock"]["constraints"] = [{"type": "primary_key", "columns": ["position"]}]
    nodes["test.synchro.grain"] = {
        **_node("dbt_test__audit.grain", "test", "public"),
        "test_metadata": {"name": "unique_grain", "kwargs": {"columns": ["reference_month", "person_id"]}},
        "attached_node": "model.synchro.compiled_list",
    }
    nodes["model.synchro.compiled_list"]["columns"]["situation"] = {
        "name": "situation",
        "description": "=Where the\nperson slept.",
        "config": {"meta": {}},
        "constraints": [],
    }
    manifest = {"metadata": {"project_name": "synchro", "dbt_version": "1.11.16"}, "nodes": nodes}
    results = {
        "args": {"which": "build", "vars": {}, "select": [], "exclude": [], "invocation_command": "dbt build"},
        "results": [{"unique_id": unique_id, "status": "success"} for unique_id in nodes],
    }
    results["results"].append({"unique_id": "test.synchro.rows_add_up.1", "status": "pass"})
    target.mkdir()
    (target / "manifest.json").write_text(json.dumps(manifest))
    (target / "run_results.json").write_text(json.dumps(results))


def _node(qualified_name: str, kind: str, access: str) -> dict[str, Any]:
    schema, _, name = qualified_name.partition(".")
    return {
        "unique_id": f"{kind}.synchro.{name}",
        "resource_type": kind,
        "package_name": "synchro",
        "name": name,
        "alias": name,
        "schema": schema,
        "description": f"One row per thing of {name}. More\nwords.",
        "config": {"access": access, "meta": {}},
        "columns": {},
        "constraints": [],
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder.resolve())): path.read_bytes()
        for path in folder.resolve().rglob("*")
        if path.is_file()
    }


def _code(built: Installation, audience: str = "internal") -> str:
    with pytest.raises(SynchroError) as caught:
        built.publish(audience)
    return caught.value.code


def test_layout_is_what_the_dashboard_reads(built: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    publication = built.publish()
    names = set(_files(built.folder))
    handed = ["bridge", "communes", "compiled_list", "ind_stock", "voc_situation"]
    assert names == (
        {f"data/synchro/{name}.parquet" for name in handed}
        | {f"sources/synchro/{name}.sql" for name in handed}
        | {"sources/synchro/connection.yaml", "dictionary.json", "dictionnaire.csv", "README.txt"}
        | {"liste-compilee-2024-03.xlsx"}
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
    everything = b"".join(_files(built.folder).values())
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
    assert PERSONS[0].encode() not in b"".join(_files(built.folder).values())


def test_same_inputs_give_the_same_bytes_whatever_the_physical_order(built: Installation) -> None:
    built.publish()
    before = _files(built.folder)
    built.sql("create or replace table compiled.compiled_list as from compiled.compiled_list order by all desc")
    built.publish()
    assert _files(built.folder) == before


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
    assert situation["description"] == "'=Where the person slept."
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


def test_files_are_for_owner_and_group(built: Installation) -> None:
    built.publish()
    for path in [built.folder.resolve(), *built.folder.resolve().rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o750 if path.is_dir() else 0o640)


def test_public_is_refused_before_anything_is_read(built: Installation) -> None:
    built.settings.warehouse.unlink()
    assert _code(built, "public") == "NO_DISCLOSURE_CONTROL"
    assert _code(built, "everyone") == "AUDIENCE"
    assert not built.settings.published.exists()


def _fail_a_test(results: dict[str, Any]) -> None:
    results["results"][-1]["status"] = "fail"


def _select_one(results: dict[str, Any]) -> None:
    results["args"]["select"] = ["ind_stock"]


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
        (_skip_a_mart, "BUILD_PARTIAL"),
    ],
)
def test_an_unsound_build_is_not_published(
    built: Installation, change: Callable[[dict[str, Any]], None], code: str
) -> None:
    built.edit("run_results.json", change)
    assert _code(built) == code


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
    before = _files(built.folder)
    built.sql("insert into indicators.ind_stock (position) values (3)")

    def disk_full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    for owner, name in ((publish_module, "write_parquet"), (publish_module, "_sync"), (os, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, disk_full)
            assert _code(built) == "WRITE"
        assert _files(built.folder) == before
        assert len(list(built.settings.published.glob(".internal-*"))) == 1
    built.publish()
    assert _files(built.folder) != before
    assert len(list(built.settings.published.glob(".internal-*"))) == 1


def test_what_a_killed_publication_left_is_removed_by_the_next(built: Installation) -> None:
    left = built.settings.published / ".internal-killed"
    left.mkdir(parents=True)
    (left / "half.parquet").write_bytes(b"PAR1")
    built.publish()
    assert not left.exists()


def test_two_publications_do_not_run_at_once(built: Installation) -> None:
    with publish_module._new_folder(built.settings.published, "internal"):
        assert _code(built) == "LOCKED"
    built.publish()


def test_a_folder_of_someone_else_is_not_replaced(built: Installation) -> None:
    built.folder.mkdir(parents=True)
    assert _code(built) == "PUBLISHED_FOLDER"
