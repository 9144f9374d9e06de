"""The published DuckDB file: written anew, since a cleaned copy would keep what was dropped in its free blocks."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from synchro.errors import SynchroError
from synchro.publication.plain import plain_table
from synchro.warehouse import quoted, transaction

# The oldest format that DuckDB still writes: versions 1.0 and later open the file.
_STORAGE = "v1.0.0"


@dataclass(frozen=True)
class Described:
    """A table with its comment and those of its columns, by name."""

    content: pa.Table
    comment: str
    column_comments: Mapping[str, str]


def write_database(tables: Mapping[str, Described], path: Path) -> None:
    """Write a new file of these tables and nothing else, and open it once as a reader would.

    Raises SynchroError DATABASE_FILE if it holds anything else, OSError if it cannot be written.
    """
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {_text(str(path))} as published (storage_version '{_STORAGE}')")
            with transaction(connection):
                for name, table in tables.items():
                    _create(connection, quoted("published", "main", name), table)
            connection.execute("checkpoint published")
            connection.execute("detach published")
    except duckdb.IOException as error:
        raise OSError(5, "DuckDB file") from error
    if path.with_name(path.name + ".wal").exists() or table_names(path) != sorted(tables):
        raise SynchroError("DATABASE_FILE", "la base publiée n'est pas celle qui devait être écrite", str(path))


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: Described) -> None:
    connection.register("content", table.content)
    connection.execute(f"create table {name} as from content")
    connection.unregister("content")
    connection.execute(f"comment on table {name} is {_text(table.comment)}")
    for column, comment in table.column_comments.items():
        connection.execute(f"comment on column {name}.{quoted(column)} is {_text(comment)}")


def table_names(path: Path) -> list[str]:
    """Everything that a published file holds, in order of names. Raises duckdb.Error."""
    with closing(_open(path)) as connection:
        found = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " union all select schema_name, view_name from duckdb_views() where not internal"
            " union all select schema_name, sequence_name from duckdb_sequences()"
            " union all select schema_name, function_name from duckdb_functions() where not internal"
        ).fetchall()
    return sorted(name if schema == "main" else f"{schema}.{name}" for schema, name in found)


def read_database(path: Path) -> dict[str, pa.Table]:
    """Every table of a published file, in plain types. Raises duckdb.Error, SynchroError NOT_PLAIN."""
    names = table_names(path)
    with closing(_open(path)) as connection:
        return {name: plain_table(connection.execute(f"from {quoted(name)}").to_arrow_table()) for name in names}


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
