"""The tables that landing writes, in both files, and how they are brought up to date with the contracts."""

from __future__ import annotations

import duckdb

from synchro.contracts import TECHNICAL_COLUMNS, OperatorContract
from synchro.warehouse import VAULT, WAREHOUSE, quoted

_DELIVERIES = {
    "delivery_id": "varchar primary key",
    "operator": "varchar not null",
    # The operator's own contract where null (deliveries of before) or equal, else the standard one.
    "contract": "varchar",
    "extract": "varchar not null",
    "reference_month": "date not null",
    "sha256": "varchar not null",
    "file_name": "varchar not null",
    "received_at": "timestamp not null",
    "scope": "varchar not null",
    "rows_in": "integer not null",
    "rows_landed": "integer not null",
    "rows_deduplicated": "integer not null",
    "rows_quarantined": "integer not null",
    "values_masked": "integer not null",
    "values_unreadable": "integer not null",
    "columns_unknown": "integer not null",
    "contract_digest": "varchar not null",
    "normaliser_version": "integer not null",
    "key_id": "varchar not null",
    "is_synthetic": "boolean not null",
    # Of sealed deliveries only.
    "delivery_number": "integer",
    "sealed_sha256": "varchar",
}
_QUARANTINE = {
    "delivery_id": "varchar not null",
    "source_row": "integer not null",
    "column_name": "varchar",
    "code": "varchar not null",
}
_PUBLISHED_FIGURES = {
    "vintage_number": "integer not null",
    "origin": "varchar not null",
    "known_until": "timestamp not null",
    "rules_digest": "varchar not null",
    "linkage_digest": "varchar not null",
    "reference_month": "date not null",
    "unit": "varchar not null",
    "segment_type": "varchar not null",
    "segment": "varchar not null",
    "indicator": "varchar not null",
    "figure": "double not null",
}
_VAULT_INFO = {
    "territory": "varchar not null",
    "key_id": "varchar not null",
    "known_answer": "varchar not null",
    "normaliser_version": "integer not null",
    "encoding_version": "integer not null",
}
_FILTER_COLUMNS = {
    f"{name}_{part}": "integer" if part == "bits" else "ubigint"
    for name in ("last_name", "first_name", "names")
    for part in ("f0", "f1", "f2", "f3", "bits")
}
_TOKEN_COLUMNS = {
    "last_name_token": "ubigint",
    "first_name_token": "ubigint",
    "birth_name_token": "ubigint",
    "names_token": "ubigint",
    "last_name_part_tokens": "ubigint[]",
    "first_name_part_tokens": "ubigint[]",
    "last_name_fonem": "ubigint",
    "first_name_fonem": "ubigint",
    "last_name_skeleton": "ubigint",
    "first_name_skeleton": "ubigint",
    "birth_date_token": "ubigint",
    "birth_date_swapped_token": "ubigint",
    "birth_year_month_token": "ubigint",
    "birth_year_day_token": "ubigint",
    "birth_month_day_token": "ubigint",
    "birth_year": "smallint",
    "birth_date_precision": "varchar",
}
_IDENTITY_ENCODINGS = {"identity_id": "varchar primary key"} | _FILTER_COLUMNS | _TOKEN_COLUMNS
_RECORD_IDENTITIES = {
    "delivery_id": "varchar not null",
    "record_id": "varchar not null",
    "identity_id": "varchar",
    "nur_token": "ubigint",
    "agdref_token": "ubigint",
}
_LOCAL_IDS = {"record_id": "varchar primary key", "operator": "varchar not null", "local_id": "varchar"}

DELIVERIES = (WAREHOUSE, "raw", "deliveries")
VAULT_INFO = (VAULT, "identity", "vault_info")

Tables = dict[tuple[str, str, str], dict[str, str]]


def expected_tables(contracts: dict[str, OperatorContract]) -> Tables:
    """(database, schema, table) -> column -> SQL type, for every table that landing owns."""
    tables: Tables = {
        DELIVERIES: _DELIVERIES,
        (WAREHOUSE, "raw", "quarantine"): _QUARANTINE,
        (WAREHOUSE, "raw", "published_figures"): _PUBLISHED_FIGURES,
        VAULT_INFO: _VAULT_INFO,
        (VAULT, "identity", "identity_encodings"): _IDENTITY_ENCODINGS,
        (VAULT, "identity", "record_identities"): _RECORD_IDENTITIES,
        (VAULT, "identity", "local_ids"): _LOCAL_IDS,
    }
    for operator, contract in contracts.items():
        for name, extract in contract.extracts.items():
            columns = (*TECHNICAL_COLUMNS, *(column.name for column in extract.value_columns))
            types = {column: "integer" if column == "_source_row" else "varchar" for column in columns}
            tables[WAREHOUSE, f"raw_{operator}", name] = types
    return tables


def present_tables(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], set[str]]:
    """(database, schema, table) -> its columns, for all that the connection sees."""
    present: dict[tuple[str, str, str], set[str]] = {}
    query = "select database_name, schema_name, table_name, column_name from duckdb_columns()"
    for *table, column in connection.execute(query).fetchall():
        present.setdefault(tuple(table), set()).add(column)
    return present


def missing_statements(present: dict[tuple[str, str, str], set[str]], expected: Tables) -> dict[str, list[str]]:
    """The statements that bring each file up to date, by database; {} if both are."""
    statements: dict[str, list[str]] = {}
    for key, columns in expected.items():
        needed = _statements(key, columns, present.get(key))
        if needed:
            statements.setdefault(key[0], []).extend(needed)
    return statements


def _statements(key: tuple[str, str, str], columns: dict[str, str], present: set[str] | None) -> list[str]:
    table = quoted(*key)
    if present is None:
        body = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        return [f"create schema if not exists {quoted(*key[:2])}", f"create table {table} ({body})"]
    return [
        f"alter table {table} add column {quoted(name)} {kind}"
        for name, kind in columns.items()
        if name not in present
    ]
