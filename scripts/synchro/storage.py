"""Writing prepared deliveries: the vault first, for several at once, then the warehouse one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def store_in_vault(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[tuple[str, str, Prepared]]) -> None:
    """Add what the vault lacks for several (delivery_id, operator, prepared), in one transaction.

    A delivery's own rows are replaced: a killed run may have left some.
    """
    identities = pa.concat_tables([prepared.identities for _, _, prepared in deliveries])
    records = [
        prepared.record_identities.add_column(
            0, "delivery_id", pa.repeat(pa.scalar(id_), prepared.record_identities.num_rows)
        )
        for id_, _, prepared in deliveries
    ]
    local_ids = [
        prepared.local_ids.add_column(1, "operator", pa.repeat(pa.scalar(operator), prepared.local_ids.num_rows))
        for _, operator, prepared in deliveries
    ]
    with transaction(connection):
        with _batch(connection, identities):
            connection.execute(
                "insert into vault.identity.identity_encodings"
                " select distinct on (identity_id) * from batch on conflict do nothing"
            )
        with _batch(connection, pa.concat_tables(records)):
            connection.execute(
                "delete from vault.identity.record_identities where delivery_id in (select delivery_id from batch)"
            )
            connection.execute("insert into vault.identity.record_identities from batch")
        with _batch(connection, pa.concat_tables(local_ids)):
            # An identifier masked in one file may be found harmless in another: the order does not matter.
            connection.execute(
                "insert into vault.identity.local_ids"
                " select record_id, operator, max(local_id) from batch group by record_id, operator"
                " on conflict do update set local_id = coalesce(local_ids.local_id, excluded.local_id)"
            )


def store_in_warehouse(
    connection: duckdb.DuckDBPyConnection, extract: ExtractContract, prepared: Prepared, row: dict[str, Any]
) -> None:
    """The rows, the quarantine, and last the registration that makes the delivery exist."""
    delivery_id = row["delivery_id"]
    columns = ", ".join(quoted(name) for name in prepared.rows.column_names)
    table = quoted("synchro", f"raw_{extract.source}", extract.name)
    with transaction(connection):
        with _batch(connection, prepared.rows):
            connection.execute(
                f"insert into {table} (_delivery_id, {columns}) select ?, {columns} from batch", [delivery_id]
            )
        if prepared.quarantine.num_rows:
            with _batch(connection, prepared.quarantine):
                connection.execute(
                    "insert into synchro.raw.quarantine select ?, columns(*) from batch", [delivery_id]
                )
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
