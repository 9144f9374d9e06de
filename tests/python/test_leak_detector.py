"""The leak detector must find what is planted on purpose: a detector that never fired proves nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

from leaks import find_leaks

CANARY = "Zorglübérande-Quixotvé"


def _duckdb_column(folder: Path) -> None:
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute("create table t as select ? || i as name from range(5000) r(i)", [CANARY])


def _duckdb_dropped_table(folder: Path) -> None:
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute("pragma force_compression = 'uncompressed'")
        connection.execute("create table before as select i from range(100000) r(i)")
        connection.execute("create table t as select ? || i as name from range(50000) r(i)", [CANARY])
        # A later table keeps the file from being cut back to before the dropped one.
        connection.execute("create table u as select random() as x from range(1000000)")
        connection.execute("checkpoint")
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute("drop table t")
        connection.execute("checkpoint")


def _duckdb_log(folder: Path) -> None:
    connection = duckdb.connect(str(folder / "w.duckdb"))
    connection.execute("create table t (name varchar)")
    connection.execute("insert into t values (?)", [CANARY])
    (folder / "copy.wal").write_bytes((folder / "w.duckdb.wal").read_bytes())
    connection.close()
    (folder / "w.duckdb").unlink()


def _comment(folder: Path) -> None:
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute("create table t (a integer)")
        connection.execute(f"comment on column t.a is '{CANARY}'")


def _run_results(folder: Path) -> None:
    (folder / "run_results.json").write_text(json.dumps({"message": f"cast {CANARY} failed"}), encoding="utf-8")


def _workbook(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active["C7"] = CANARY
    book.save(folder / "x.xlsx")


PLANTS: dict[str, Callable[[Path], None]] = {
    "a column of a DuckDB file": _duckdb_column,
    "a table dropped from a DuckDB file": _duckdb_dropped_table,
    "a write-ahead log": _duckdb_log,
    "a column comment": _comment,
    "a JSON escape": _run_results,
    "a workbook": _workbook,
    "a log in latin-1": lambda folder: (folder / "dbt.log").write_bytes(CANARY.upper().encode("latin-1")),
    "a compressed file": lambda folder: (folder / "x.gz").write_bytes(gzip.compress(CANARY.encode())),
    "a parquet file": lambda folder: pd.DataFrame({"a": [CANARY]}).to_parquet(folder / "x.parquet"),
    "a file name": lambda folder: (folder / f"{CANARY}.txt").touch(),
    "an unkeyed hash": lambda folder: (folder / "h").write_text(sha256(CANARY.encode()).hexdigest()),
}


@pytest.mark.parametrize("place", PLANTS)
def test_the_detector_finds_a_value_planted_in(place: str, tmp_path: Path) -> None:
    assert find_leaks([tmp_path], {"name": CANARY}) == []
    PLANTS[place](tmp_path)
    assert find_leaks([tmp_path], {"name": CANARY})
