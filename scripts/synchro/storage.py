"""Writing one prepared delivery: the vault first, then the warehouse, each in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from synchro.contracts import ExtractContract
from synchro.errors import SynchroError
from synchro.preparing import Prepared
from synchro.warehouse import quoted, transaction


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Says a failed write in our words: DuckDB's text may quote a value of the row it stopped at."""
    try:
        yield
    except duckdb.Error as error:
        todo = "vérifier l'espace disque et les droits, puis relancer : rien de ce fichier n'a été retenu"
        kind = type(error).__name__
        raise SynchroError("WRITE", f"écriture impossible ({kind})", str(path), todo) from None


def store_in_vault(
    connection: duckdb.DuckDBPyConnection, delivery_id: str, operator: str, prepared: Prepared
) -> None:
    """Add what the vault lacks; a delivery's own rows are replaced, as a killed run may have left some."""
    with transaction(connection):
        with _batch(connection, prepared.identities):
            connection.execute("insert into vault.identity.identity_encodings from batch on conflict do nothing")
        with _batch(connection, prepared.record_identities):
            connection.execute("delete from vault.identity.record_identities where delivery_id = ?", [delivery_id])
            connection.execute(
                "insert into vault.identity.record_identities select ?, columns(*) from batch", [delivery_id]
            )
        with _batch(connection, prepared.local_ids):
            # An identifier masked in one file may be found harmless in another: the order does not matter.
            connection.execute(
                "insert into vault.identity.local_ids select record_id, ?, local_id from batch"
                " on conflict do update set local_id = coalesce(local_ids.local_id, excluded.local_id)",
                [operator],
            )


def store_in_warehouse(
    connection: duckdb.DuckDBPyConnection, extract: ExtractContract, prepared: Prepared, row: dict[str, Any]
) -> None:
    """The rows, the quarantine, and last the registration that makes the delivery exist."""
    delivery_id = row["delivery_id"]
    columns = ", ".join(quoted(name) for name in prepared.rows.column_names)
    table = quoted("synchro", f"raw_{extract.operator}", extract.name)
    with transaction(connection):
        with _batch(connection, prepared.rows):
            connection.execute(
                f"insert into {table} (_delivery_id, {columns}) select ?, {columns} from batch", [delivery_id]
            )
        with _batch(connection, prepared.quarantine):
            connection.execute("insert into synchro.raw.quarantine select ?, columns(*) from batch", [delivery_id])
        insert_row(connection, ("synchro", "raw", "deliveries"), row)


def insert_row(connection: duckdb.DuckDBPyConnection, table: tuple[str, str, str], row: dict[str, Any]) -> None:
    columns = ", ".join(quoted(name) for name in row)
    marks = ", ".join("?" for _ in row)
    connection.execute(f"insert into {quoted(*table)} ({columns}) values ({marks})", list(row.values()))


@contextmanager
def _batch(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> Iterator[None]:
    connection.register("batch", table)
    try:
        yield
    finally:
        connection.unregister("batch")
