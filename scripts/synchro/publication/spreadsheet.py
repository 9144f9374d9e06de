"""Tables as csv that a French spreadsheet opens right, and reads back to the same rows.

UTF-8 after a byte order mark, `;` between cells, a comma before decimals, `vrai` and `faux`, days as AAAA-MM-JJ. An
empty cell is no value, `""` an empty text. A text that would be taken for a formula stands after an apostrophe.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

_MARK = "\ufeff".encode()
# A spreadsheet runs a cell that starts like this (CWE-1236).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# With the apostrophes before it: one is added and one taken away, so that nothing is lost.
_FORMULA = r"^('*[=+\-@\t\r])"
_NEUTRAL = r"^'('*[=+\-@\t\r])"


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a table of plain types. Raises OSError."""
    columns = [_written(column) for column in table.columns]
    with path.open("wb") as file:
        file.write(_MARK)
        csv.write_csv(pa.table(columns, names=table.column_names), file, csv.WriteOptions(delimiter=";"))


def read_csv(path: Path, schema: pa.Schema) -> pa.Table:
    """The rows of a file that `write_csv` wrote for a table of this schema. Raises pa.ArrowInvalid, OSError."""
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=";", newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(schema.names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    if table.column_names != schema.names:
        raise pa.ArrowInvalid("other columns")
    columns = [_read(column, field.type) for column, field in zip(table.columns, schema, strict=True)]
    return pa.table(columns, schema=schema)


def _written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "vrai", "faux")
    if pa.types.is_floating(column.type):
        return pc.replace_substring(column.cast(pa.string()), ".", ",")
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
    if pa.types.is_string(column.type):
        return pc.replace_substring_regex(column, _FORMULA, r"'\1")
    return column


def _read(column: pa.ChunkedArray, data_type: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_boolean(data_type):
        known = pc.is_in(column, pa.array(["vrai", "faux", None]))
        if not pc.all(known).as_py():
            raise pa.ArrowInvalid("neither true nor false")
        return pc.equal(column, "vrai")
    if pa.types.is_floating(data_type):
        return pc.replace_substring(column, ",", ".").cast(data_type)
    if pa.types.is_string(data_type):
        return pc.replace_substring_regex(column, _NEUTRAL, r"\1")
    return column.cast(data_type)
