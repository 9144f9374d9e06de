"""Logical digests of tables: equal when the rows are equal, whatever their physical order or the file's bytes."""

from __future__ import annotations

import hashlib

import duckdb

from synchro.settings import Settings


def table_digests(settings: Settings, schemas: tuple[str, ...] | None = None) -> dict[str, str]:
    """`catalogue.schema.table` -> sha256 of its ordered rows as text, of these schemas (of all if None)."""
    digests = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.warehouse}' as synchro (read_only)")
        connection.execute(f"attach '{settings.vault}' as vault (read_only)")
        tables = connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables()"
            " where database_name in ('synchro', 'vault') order by all"
        ).fetchall()
        for parts in tables:
            if schemas is None or parts[1] in schemas:
                name = ".".join(f'"{part}"' for part in parts)
                rows = connection.execute(f"select cast(t as varchar) from {name} as t order by 1").fetchall()
                digests[".".join(parts)] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return digests
