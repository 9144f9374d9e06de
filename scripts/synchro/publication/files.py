"""Every file of a publication but its manifest. The same content gives the same bytes, the DuckDB file aside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from synchro.dictionary import Dictionary
from synchro.list_workbook import write_list_workbook
from synchro.publication.database import Described, write_database
from synchro.publication.layout import (
    CONNECTION,
    CSV,
    DATA,
    DATABASE,
    DICTIONARY,
    DICTIONARY_CSV,
    INTERNAL,
    README,
    SOURCES,
    csv_file,
    parquet_file,
)
from synchro.publication.readme import readme
from synchro.publication.spreadsheet import write_csv

_CONNECTION = "name: synchro\ntype: duckdb\noptions:\n  filename: ':memory:'\n"


def write_files(tables: Mapping[str, pa.Table], dictionary: Dictionary, folder: Path) -> None:
    """Write the tables and what is said of them in an empty folder. Raises OSError, SynchroError DATABASE_FILE."""
    for parent in (DATA, CSV, SOURCES):
        (folder / parent).mkdir(parents=True)
    for name, table in tables.items():
        # One writer, one compression, no index, no clock: same rows, same bytes.
        pq.write_table(table, folder / parquet_file(name), compression="zstd")
        write_csv(table, folder / csv_file(name))
        query = f"select * from read_parquet('{parquet_file(name).as_posix()}')\n"
        (folder / SOURCES / f"{name}.sql").write_text(query, encoding="utf-8")
    (folder / CONNECTION).write_text(_CONNECTION, encoding="utf-8")
    write_database(_described(tables, dictionary), folder / DATABASE)
    (folder / DICTIONARY).write_text(dictionary.to_json(), encoding="utf-8")
    # Excel reads UTF-8 only after a byte order mark; `newline=""` keeps the line ends of RFC 4180.
    (folder / DICTIONARY_CSV).write_text(dictionary.to_csv(), encoding="utf-8-sig", newline="")
    (folder / README).write_text(readme(dictionary), encoding="utf-8")
    if dictionary.audience == INTERNAL:
        write_list_workbook(folder / DATA, folder, dictionary.deliveries)


def _described(tables: Mapping[str, pa.Table], dictionary: Dictionary) -> dict[str, Described]:
    """The tables with their comments, which begin with what every reader is told first."""
    docs = {table.name: table for table in dictionary.tables}
    first = "".join(f"{text}. " for text in dictionary.mention.values())
    return {
        name: Described(
            table,
            first + docs[name].doc.description,
            {column.name: column.description for column in docs[name].columns},
        )
        for name, table in tables.items()
    }
