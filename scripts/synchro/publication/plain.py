"""Tables of plain types, the same in every file of a publication; and what tells two of them apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synchro.errors import SynchroError

# DuckDB's name of each plain type, which the dictionary and the manifest write in lower case.
TYPES = {
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR": pa.string(),
}
# Rows told apart at a time: a whole table as text would not fit in memory with those of a country.
_BATCH = 1 << 17
_EMPTY, _ESCAPE, _JOINT = "\x00", "\x1b", "\x1f"
_TESTS = {
    "BOOLEAN": pa.types.is_boolean,
    "BIGINT": pa.types.is_integer,
    "DOUBLE": lambda kind: pa.types.is_floating(kind) or pa.types.is_decimal(kind),
    "DATE": pa.types.is_date,
    "TIMESTAMP": pa.types.is_timestamp,
    # A column without any value has no type of its own.
    "VARCHAR": lambda kind: (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_dictionary(kind)
        or pa.types.is_null(kind)
    ),
}


def type_name(data_type: pa.DataType) -> str:
    """DuckDB's name of the plain type that holds an Arrow type. Raises SynchroError NOT_PLAIN."""
    for name, is_of in _TESTS.items():
        if is_of(data_type):
            return name
    todo = "donner au modèle un type simple (texte, nombre, date, booléen)"
    raise SynchroError("NOT_PLAIN", "une colonne publiée n'a pas un type simple", str(data_type), todo)


def plain_table(content: pd.DataFrame | pa.Table, types: Mapping[str, str] | None = None) -> pa.Table:
    """The same rows and columns in plain types, in one piece: those of `types` (names of `TYPES`) where it has them.

    A column of empty days is text: the dashboard's reader would take it for numbers. Raises SynchroError NOT_PLAIN.
    """
    if isinstance(content, pd.DataFrame):
        content = pa.Table.from_pandas(content, preserve_index=False)
    fields = []
    for name, column in zip(content.column_names, content.columns, strict=True):
        kind = (types or {}).get(name) or type_name(column.type)
        is_empty_day = types is not None and kind in ("DATE", "TIMESTAMP") and column.null_count == len(column)
        fields.append(pa.field(name, TYPES["VARCHAR" if is_empty_day else kind]))
    try:
        return content.replace_schema_metadata(None).cast(pa.schema(fields)).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # Arrow's text quotes the value.
        todo = "vérifier que les nombres entiers tiennent sur 64 bits"
        raise SynchroError("NOT_PLAIN", "une table publiée ne tient pas dans ses types", todo=todo) from None


def digest(table: pa.Table) -> str:
    """sha256 of a table's columns (names, types, order) and rows, in whatever order the rows come.

    A row is its cells joined by U+001F, in UTF-8: U+0000 for an empty one, a text with U+001B before any of these
    three signs, a whole number in decimals; true is 1, a date its days and a moment its microseconds since 1970, a
    number with decimals its 64 bits as a whole number. The digest is that of the header and of the rows' digests,
    sorted.
    """
    table = plain_table(table)
    header = "\n".join(f"{field.name} {type_name(field.type)}" for field in table.schema)
    digests = []
    for batch in table.to_batches(_BATCH):
        cells = map(_cell, batch.columns)
        rows = pc.binary_join_element_wise(*cells, _JOINT, null_handling="replace", null_replacement=_EMPTY)
        digests += [hashlib.sha256(row.encode()).digest() for row in rows.to_pylist()]
    digests.sort()
    return hashlib.sha256(header.encode() + b"\n" + b"".join(digests)).hexdigest()


def _cell(values: pa.Array) -> pa.Array:
    """The cells of a column as texts; a missing one stays missing."""
    if pa.types.is_string(values.type):
        coded = values.dictionary_encode()
        escaped = pc.replace_substring_regex(coded.dictionary, f"([{_EMPTY}{_ESCAPE}{_JOINT}])", rf"{_ESCAPE}\1")
        return pa.DictionaryArray.from_arrays(coded.indices, escaped).cast(pa.string())
    if pa.types.is_floating(values.type):
        # One zero, one "not a number".
        values = pc.if_else(pc.is_nan(values), np.nan, pc.if_else(pc.equal(values, 0.0), 0.0, values))
        return values.view(pa.int64()).cast(pa.string())
    if pa.types.is_date(values.type):
        return values.view(pa.int32()).cast(pa.string())
    whole = values.view(pa.int64()) if pa.types.is_timestamp(values.type) else values.cast(pa.int64())
    return whole.cast(pa.string())
