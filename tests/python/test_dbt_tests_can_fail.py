"""Every data test of the project passes on a sound build and fails on some corruption of what it reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import Territory
from mutations import noticed_corruption, read_tests


@pytest.fixture(scope="module")
def corruptible(territory: Territory, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A connection to copies of both files: what is corrupted is rolled back, and the originals stay."""
    folder = tmp_path_factory.mktemp("corruptible")
    connection = duckdb.connect()
    for alias, path in (("synchro", territory.settings.warehouse), ("vault", territory.settings.vault)):
        copy: Path = folder / path.name
        shutil.copy2(path, copy)
        connection.execute(f"attach '{copy}' as {alias}")
    connection.execute("use synchro")
    return connection


def test_every_data_test_can_fail(territory: Territory, corruptible: duckdb.DuckDBPyConnection) -> None:
    tests = read_tests(territory.target)
    assert len(tests) > 50
    # Some words of the simulated operators are unknown on purpose: a warning that is there has shown it can fail.
    failing = [test for test in tests if test.fails(corruptible)]
    assert [test.name for test in failing if not test.is_warning] == []
    quiet = [test for test in tests if test not in failing]
    assert [test.name for test in quiet if noticed_corruption(corruptible, test) is None] == []
