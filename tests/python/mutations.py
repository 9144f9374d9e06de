"""Small corruptions of a built table, tried one after the other until a dbt test notices.

A dbt test is compiled SQL over finished tables. Inside one transaction, one table that the test reads is replaced
by a corrupted copy of itself, the test's SQL is run, and everything is rolled back. A test that no corruption of any
of its tables can make fail is a test that cannot fail.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

Change = Callable[[str, str], str | None]


@dataclass(frozen=True)
class DbtTest:
    """A data test of the manifest: its SQL, what makes it fail, and the relations it reads."""

    name: str
    sql: str
    fail_calc: str
    condition: str
    is_warning: bool
    relations: tuple[tuple[str, str, str], ...]

    def fails(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether the test's rows meet its own failure condition (`!= 0` unless configured)."""
        query = f"select coalesce({self.fail_calc}, 0) {self.condition} from (\n{self.sql}\n) as failing_rows"
        return bool(connection.execute(query).fetchone()[0])


def read_tests(target: Path) -> list[DbtTest]:
    """Every data test that the build under `target` compiled."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    nodes = {**manifest["nodes"], **manifest["sources"]}
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    return [_read_test(test, nodes) for test in sorted(tests, key=lambda test: test["unique_id"])]


def _read_test(test: dict[str, Any], nodes: dict[str, Any]) -> DbtTest:
    parents = [nodes[unique_id] for unique_id in test["depends_on"]["nodes"]]
    # The table that a generic test is attached to is the one to corrupt first.
    parents.sort(key=lambda node: (node["unique_id"] != test.get("attached_node"), node["unique_id"]))
    return DbtTest(
        name=test["name"],
        sql=test["compiled_code"],
        fail_calc=test["config"]["fail_calc"],
        # A warning is what the steward is meant to see: it counts as noticing.
        condition=test["config"]["warn_if" if test["config"]["severity"].upper() == "WARN" else "error_if"],
        is_warning=test["config"]["severity"].upper() == "WARN",
        relations=tuple((node["database"], node["schema"], node.get("alias") or node["name"]) for node in parents),
    )


def noticed_corruption(connection: duckdb.DuckDBPyConnection, test: DbtTest) -> str | None:
    """The first corruption that makes `test` fail, in words; None when it notices nothing."""
    for relation in test.relations:
        pristine = _pristine_copy(connection, relation)
        columns = connection.execute(f"select column_name, column_type from (describe {pristine})").fetchall()
        columns = [(name, kind) for name, kind in columns if name != "n"]
        for words, select in _corruptions(columns):
            if _fails_after(connection, test, relation, select.replace("from pristine", f"from {pristine}")):
                return f"{words} of {'.'.join(relation[1:])}"
    return None


def _pristine_copy(connection: duckdb.DuckDBPyConnection, relation: tuple[str, str, str]) -> str:
    """A copy of the relation in memory, its rows sorted and numbered by `n` from 1; made once."""
    connection.execute("attach if not exists ':memory:' as pristine")
    copy = f'pristine."{"__".join(relation)}"'
    source = ".".join(f'"{part}"' for part in relation)
    # Sorted: "every second row" of a table that was filled in any order would be other rows in every build.
    rows = f"select *, row_number() over () as n from (from {source} order by all)"
    connection.execute(f"create table if not exists {copy} as {rows}")
    # A table that is empty for now (nobody has decided on a pair yet) gets a made-up row to corrupt.
    if not connection.execute(f"select count(*) from {copy}").fetchone()[0]:
        kinds = [kind for (kind,) in connection.execute(f"select column_type from (describe {copy})").fetchall()]
        connection.execute(f"insert into {copy} select {', '.join(_MADE_UP.get(kind, '1') for kind in kinds)}")
    return copy


def _corruptions(columns: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(words, select from `pristine`) pairs, the likeliest to be noticed first."""
    every = ", ".join(f'"{name}"' for name, _ in columns)
    yield "one row twice", f"select {every} from pristine union all select {every} from pristine where n = 1"
    yield "the first row lost", f"select {every} from pristine where n > 1"
    yield "half of the rows lost", f"select {every} from pristine where n % 2 = 0"
    yield "all rows lost", f"select {every} from pristine where false"
    for words, changed in _CHANGES:
        for which, condition in (("one", "n = 1"), ("every second", "n % 2 = 0"), ("every", "true")):
            for name, data_type in columns:
                value = changed(f'"{name}"', data_type)
                if value is not None:
                    replacement = f'case when {condition} then {value} else "{name}" end as "{name}"'
                    replaced = every.replace(f'"{name}"', replacement, 1)
                    yield f"{words} in {which} {name}", f"select {replaced} from pristine"


def _word(word: str) -> tuple[str, Change]:
    return f"the word {word!r}", lambda _, kind: f"'{word}'" if kind == "VARCHAR" else None


def _shifted(words: str, kinds: set[str], change: str) -> tuple[str, Change]:
    return words, lambda name, kind: change.format(name) if kind in kinds else None


_MADE_UP = {"VARCHAR": "'__made_up__'", "DATE": "date '2024-01-01'", "TIMESTAMP": "timestamp '2024-01-01'"}
_NUMBERS = {"INTEGER", "BIGINT", "SMALLINT", "DOUBLE", "HUGEINT", "UBIGINT"}
# What a corruption writes in a column: SQL of the new value by (quoted name, type), None where it does not apply.
_CHANGES: list[tuple[str, Change]] = [
    _word("__nobody__"),
    ("null", lambda _, kind: f"cast(null as {kind})"),
    _word("unmapped"),
    _shifted("one more", _NUMBERS, "{} + 1"),
    _shifted("a later date", {"DATE"}, "{} + 400"),
    _shifted("an earlier date", {"DATE"}, "{} - 400"),
    _shifted("the opposite", {"BOOLEAN"}, "not {}"),
    _shifted("a negative", _NUMBERS, "-7"),
    _shifted("a later moment", {"TIMESTAMP"}, "{} + interval '400 days'"),
    *map(_word, ("active", "total", "deceased", "")),
]


def _fails_after(
    connection: duckdb.DuckDBPyConnection, test: DbtTest, relation: tuple[str, str, str], select: str
) -> bool:
    name = ".".join(f'"{part}"' for part in relation)
    connection.execute("begin transaction")
    try:
        kind = "view" if _is_view(connection, relation) else "table"
        connection.execute(f"drop {kind} {name}")
        # A view costs nothing to make: the test reads the corrupted rows through it.
        connection.execute(f"create view {name} as {select}")
        return test.fails(connection)
    except duckdb.ConversionException:
        return False
    finally:
        connection.execute("rollback")


def _is_view(connection: duckdb.DuckDBPyConnection, relation: tuple[str, str, str]) -> bool:
    query = "select count(*) from duckdb_views() where database_name = ? and schema_name = ? and view_name = ?"
    return bool(connection.execute(query, list(relation)).fetchone()[0])
