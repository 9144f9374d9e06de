"""The month in one command is all or nothing, and the command line tells a rejected file from a failure."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

import synchro.run
from conftest import PROJECT, Territory, settings_in
from digests import table_digests
from synchro.build import BuildResult
from synchro.cli import app
from synchro.cli.month import EXIT_REJECTED
from synchro.errors import LockedDatabase, SynchroError
from synchro.landing import land
from synchro.settings import Settings
from synchro.vintages import append_figures, built_figures

# What a publication changes: the figures that are kept, and what compares with them.
VINTAGE_TABLES = {
    "synchro.raw.published_figures",
    "synchro.staging.stg_synchro__published_figures",
    "synchro.indicators.ind_first_publications",
    "synchro.indicators.ind_reliability",
    "synchro.indicators.ind_revisions",
}


@pytest.fixture
def installation(territory: Territory, tmp_path: Path) -> Settings:
    """A copy of the built territory's two files and keys, free to be changed."""
    settings = settings_in(tmp_path)
    for copy, original in (
        (settings.warehouse, territory.settings.warehouse),
        (settings.vault, territory.settings.vault),
        (settings.keys, territory.settings.keys),
    ):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(original, copy)
    return settings


@pytest.fixture
def new_file(territory: Territory, tmp_path: Path) -> Path:
    """An inbox with one file that the installation does not know: a known one, sent again without its last line."""
    source = next((territory.inbox / "siao_115").glob("*.csv"))
    inbox = tmp_path / "inbox" / "siao_115"
    inbox.mkdir(parents=True)
    lines = source.read_bytes().splitlines(keepends=True)
    (inbox / source.name.replace(".csv", "_v2.csv")).write_bytes(b"".join(lines[:-1]))
    return inbox.parent


def _bytes(settings: Settings) -> tuple[bytes, bytes]:
    return settings.warehouse.read_bytes(), settings.vault.read_bytes()


def _refuse(*_: object, **__: object) -> BuildResult:
    raise SynchroError("BUILD_FAILED", "échec voulu")


def test_a_build_that_fails_leaves_everything_as_it_was(
    installation: Settings, territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _bytes(installation)
    monkeypatch.setattr(synchro.run, "dbt_build", _refuse)
    with pytest.raises(SynchroError, match="échec voulu"):
        synchro.run.run(territory.inbox, installation)
    assert _bytes(installation) == before
    assert not installation.published.exists()
    assert not (installation.warehouse.parent / ".run").exists()


def test_a_month_that_holds_is_put_in_place_with_its_receipts(
    installation: Settings, territory: Territory, new_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The build itself is tested elsewhere; here the landed copy must take the place of the files.
    monkeypatch.setenv("DBT_TARGET_PATH", str(territory.target))
    monkeypatch.setattr(synchro.run, "dbt_build", lambda *_: BuildResult(counts={}))
    manifestless = synchro.run.run(territory.inbox, installation)
    assert {receipt.status for receipt in manifestless.receipts} == {"duplicate"}
    assert (installation.published / "internal" / "README.txt").exists()
    with duckdb.connect(str(installation.warehouse), read_only=True) as connection:
        assert connection.execute("select max(vintage_number) from raw.published_figures").fetchone() == (1,)
    # A file without the synthetic mark is real data: refused here, and its receipt says so.
    result = synchro.run.run(new_file, installation)
    assert [receipt.code for receipt in result.receipts] == ["NO_AIPD"]
    assert len(list(installation.receipts.glob("*.json"))) == len(manifestless.receipts) + 1


def test_the_month_runs_to_its_publication_and_leaves_nothing_to_a_second_run(
    simulated: Path, keys_file: Path, territory: Territory, tmp_path: Path
) -> None:
    """`make run` itself: nothing is replaced by a stand-in, from the inbox to the publication."""
    settings = settings_in(tmp_path)
    settings.keys.parent.mkdir()
    shutil.copy2(keys_file, settings.keys)
    (tmp_path / "target").mkdir()
    shutil.copy2(territory.target / "partial_parse.msgpack", tmp_path / "target")
    names = ("warehouse", "vault", "keys", "tombstones", "receipts", "published")
    environment = {f"SYNCHRO_{name.upper()}": str(getattr(settings, name)) for name in names}
    environment |= {"SYNCHRO_PROJECT": str(PROJECT), "DBT_TARGET_PATH": str(tmp_path / "target")}
    done = CliRunner().invoke(app, ["run", str(simulated / "inbox")], env=environment)
    assert done.exit_code == 0, done.output
    # The same inbox, already landed and built once elsewhere: whoever builds again finds the same tables.
    before, after = table_digests(territory.settings), table_digests(settings)
    assert {name for name in before if before[name] != after.get(name)} <= VINTAGE_TABLES
    assert (settings.published / "internal" / "data" / "synchro" / "compiled_list.parquet").exists()
    # What was published compares with its own vintage already: a second run has no other to add.
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        kept = con.execute("select count(*), max(vintage_number) from raw.published_figures").fetchall()
        known = con.execute("select count(*), max(vintage_number) from indicators.ind_first_publications").fetchall()
    assert kept == known
    assert kept[0][1] == 1
    assert append_figures(settings, built_figures(settings), "published") == 0


def test_two_runs_at_once_the_second_says_so(installation: Settings, territory: Territory) -> None:
    with (installation.warehouse.parent / ".run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LockedDatabase, match="Une autre exécution"):
            synchro.run.run(territory.inbox, installation)


def test_a_rejected_file_is_told_by_the_exit_code(new_file: Path, tmp_path: Path) -> None:
    environment = {
        "SYNCHRO_PROJECT": str(PROJECT),
        "SYNCHRO_WAREHOUSE": str(tmp_path / "w" / "synchro.duckdb"),
        "SYNCHRO_VAULT": str(tmp_path / "w" / "vault.duckdb"),
        "SYNCHRO_KEYS": str(tmp_path / "keys.json"),
        "SYNCHRO_RECEIPTS": str(tmp_path / "receipts"),
    }
    done = CliRunner().invoke(app, ["land", str(new_file)], env=environment)
    assert done.exit_code == EXIT_REJECTED
    assert "NO_AIPD" in done.output


def test_a_locked_warehouse_is_a_clear_refusal(installation: Settings, territory: Territory, tmp_path: Path) -> None:
    holder = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(installation.warehouse)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(LockedDatabase):
            land(territory.inbox, installation)
        process.kill()
    assert duckdb.connect(str(installation.warehouse), read_only=True).execute("select 1").fetchone() == (1,)
