"""Every file as what can be searched: tables, texts, numbers of a json, sheets; archives are opened."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TABLES = (".parquet", ".arrow", ".feather", ".csv", ".duckdb", ".xlsx")
_ARCHIVE = b"PK\x03\x04"


def read_tables(name: str, content: bytes) -> Iterator[tuple[str, pd.DataFrame]]:
    """(table, rows) of a file of tables; a table is named after its file unless the file names it itself.

    Raises OSError, ValueError, duckdb.Error, pa.ArrowException when the file is not what its name says.
    """
    path = Path(name)
    if path.suffix == ".parquet":
        yield path.stem, pq.read_table(BytesIO(content)).to_pandas()
    elif path.suffix in (".arrow", ".feather"):
        yield path.stem, _read_arrow(content).to_pandas()
    elif path.suffix == ".csv":
        text = content.decode("utf-8-sig")
        mark = ";" if ";" in text.split("\n", 1)[0] else ","
        yield path.stem, pd.read_csv(StringIO(text), sep=mark, decimal="," if mark == ";" else ".", low_memory=False)
    elif path.suffix == ".xlsx":
        book = openpyxl.load_workbook(BytesIO(content), data_only=True)
        for sheet in book.worksheets:
            rows = list(sheet.values)
            yield sheet.title, pd.DataFrame(rows[1:], columns=[str(cell) for cell in rows[0]] if rows else None)


def _read_arrow(content: bytes) -> pa.Table:
    try:
        return pa.ipc.open_file(BytesIO(content)).read_all()
    except pa.ArrowInvalid:
        return pa.ipc.open_stream(BytesIO(content)).read_all()


def read_database(path: Path) -> Iterator[tuple[str, pd.DataFrame | None]]:
    """(table, rows) of a DuckDB file, and (name, None) of everything else it holds. Raises duckdb.Error."""
    with closing(duckdb.connect(str(path), read_only=True)) as database:
        database.execute("set enable_external_access = false")
        own = "where not internal and database_name = current_database()"
        for schema, table in database.execute(
            f"select schema_name, table_name from duckdb_tables() {own}"
        ).fetchall():
            quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table))
            yield table, database.execute(f"from {quoted}").df()
        for catalogue in ("views", "sequences", "macros"):
            column = "function_name" if catalogue == "macros" else f"{catalogue[:-1]}_name"
            source = "functions" if catalogue == "macros" else catalogue
            condition = own if catalogue == "views" else own.replace("not internal and ", "")
            if catalogue == "macros":
                condition = own.replace("not internal", "not internal and function_type like '%macro'")
            for (name,) in database.execute(f"select {column} from duckdb_{source}() {condition}").fetchall():
                yield name, None


def as_text(rows: pd.DataFrame) -> str:
    """A line per row, each value after the name of its column; whole numbers without decimals.

    Labels are left out: « 1 personne » is the size of a household.
    """
    columns = []
    for name, column in rows.items():
        if "label" in str(name):
            continue
        values = column.convert_dtypes() if pd.api.types.is_float_dtype(column) else column
        columns.append([f"{name}={value}" for value in values.tolist()])
    return "\n".join(map(" ".join, zip(*columns, strict=True)))


def hidden_sheets(content: bytes) -> list[str]:
    """The sheets of a workbook that a reader does not see."""
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    return [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]


def read_texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """(place, text) of a file's own bytes, or of each member of an archive."""
    if content[:4] == _ARCHIVE:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.namelist():
                yield member, archive.read(member).decode("utf-8", "ignore")
    else:
        yield "", content.decode("utf-8", "ignore")


def numbers_of(content: bytes) -> Iterator[tuple[str, float]]:
    """(path, value) of every number of a json, such as `tables[].rows`. Raises ValueError."""
    yield from _leaves(json.loads(content), "")


def _leaves(node: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, f"{path}[]")
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield path, float(node)
