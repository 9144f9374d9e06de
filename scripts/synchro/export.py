"""One table out of the warehouse: plain types, ids of this audience only, rows in one order."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd
import pyarrow as pa

from synchro.artifacts import ColumnDoc, TableDoc
from synchro.errors import SynchroError
from synchro.keys import Keys, sub_key
from synchro.publication.plain import type_name

# A delivery's id names a file, not a person, and is printed on the receipt that an analyst goes back to.
_NOT_PSEUDONYMS = ("delivery_id",)
# Whole words of 32 hexadecimal digits: the shape of every token of the warehouse.
_KEY_SHAPE = r"\b[0-9a-f]{32}\b"
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_PLAIN_TYPES = {
    "BIGINT": (*_INTEGERS, *(f"U{integer}" for integer in _INTEGERS)),
    "DOUBLE": ("FLOAT", "DOUBLE", "DECIMAL"),
    "BOOLEAN": ("BOOLEAN",),
    "DATE": ("DATE",),
    "TIMESTAMP": ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
    "VARCHAR": ("VARCHAR", "UUID", "ENUM", "TIME", '"NULL"'),
}
_PLAIN_TYPE_OF = {source: plain for plain, sources in _PLAIN_TYPES.items() for source in sources}
_TEXT = pd.ArrowDtype(pa.string())


@dataclass(frozen=True)
class Column:
    """A published column: its plain type, and the kind of id it holds if it is a pseudonym."""

    name: str
    data_type: str
    description: str
    pseudonym_kind: str | None


class Pseudonyms:
    """Ids of one audience: HMAC-SHA256 of the warehouse's id, cut to 128 bits.

    There is one sub-key per territory, audience and kind of id, so that two audiences cannot be joined, and so
    that a person's id, which in the warehouse is also a record's id, says nothing of the record here.
    """

    def __init__(self, keys: Keys, audience: str) -> None:
        self._keys = keys
        self._audience = audience

    def of(self, kind: str, values: list[str]) -> list[str]:
        """The published ids (32 hexadecimal digits) of n ids of the warehouse."""
        name = f"publication|{self._audience}|{kind}"
        mac = sub_key(self._keys.publication, self._keys.territory, name)
        return [code[:16].hex() for code in mac.many([value.encode() for value in values])]


def table_columns(warehouse: duckdb.DuckDBPyConnection, table: TableDoc) -> list[Column]:
    """The columns of a built table, in order. Raises SynchroError: MARTS_NOT_BUILT, NOT_PLAIN."""
    described = warehouse.execute(
        """
        select column_name, data_type from duckdb_columns()
        where database_name = current_database() and schema_name = ? and table_name = ?
        order by column_index
        """,
        [table.schema, table.identifier],
    ).fetchall()
    if not described:
        raise SynchroError(
            "MARTS_NOT_BUILT",
            "Une table à publier n'est pas dans l'entrepôt",
            where=f"{table.schema}.{table.identifier}",
            todo="lancer « dbt build » sur cet entrepôt",
        )
    columns = []
    for name, data_type in described:
        doc = table.columns.get(name, ColumnDoc())
        plain = _plain_type(data_type, f"{table.name}.{name}")
        columns.append(Column(name, plain, doc.description, _pseudonym_kind(name, plain, doc)))
    return columns


def _plain_type(data_type: str, where: str) -> str:
    plain = None if data_type.endswith("]") else _PLAIN_TYPE_OF.get(data_type.split("(")[0])
    if plain is None:
        raise SynchroError(
            "NOT_PLAIN",
            "Une colonne publiée a un type qu'un tableur ou le tableau de bord ne lit pas",
            where=where,
            todo="donner au modèle un type simple (texte, nombre, date, booléen)",
        )
    return plain


def _pseudonym_kind(name: str, plain_type: str, doc: ColumnDoc) -> str | None:
    """`person`, `record`, `household` or the id's own name; None when the column is no pseudonym.

    Every text id is one unless its meta says `pseudonym: false`: forgetting to document a column must not
    publish a key of the warehouse. Kinds let two published tables be joined on the same id.
    """
    if isinstance(doc.pseudonym, str):
        return doc.pseudonym
    is_text_id = plain_type == "VARCHAR" and name.endswith("_id") and name not in _NOT_PSEUDONYMS
    if doc.pseudonym is False or not (doc.pseudonym or is_text_id):
        return None
    for ending, kind in (("household_record_id", "household"), ("record_id", "record"), ("person_id", "person")):
        if name.endswith(ending):
            return kind
    return name


def read_table(
    warehouse: duckdb.DuckDBPyConnection, table: TableDoc, columns: list[Column], pseudonyms: Pseudonyms
) -> pd.DataFrame:
    """The whole table, ids re-keyed, rows in any order. Raises SynchroError: NOT_PLAIN, KEY_LEAK."""
    selected = ", ".join(f'cast("{column.name}" as {column.data_type}) as "{column.name}"' for column in columns)
    try:
        arrow = warehouse.execute(f'select {selected} from "{table.schema}"."{table.identifier}"')
        frame = arrow.to_arrow_table().to_pandas(types_mapper=pd.ArrowDtype)
    except duckdb.Error:
        raise SynchroError(
            "NOT_PLAIN",
            "Une table à publier ne se lit pas comme son type l'annonce",
            where=table.name,
            todo="vérifier que les nombres entiers tiennent sur 64 bits",
        ) from None
    for column in columns:
        if column.pseudonym_kind:
            frame[column.name] = _rekeyed(frame[column.name], column.pseudonym_kind, pseudonyms)
        elif column.data_type == "VARCHAR" and column.name not in _NOT_PSEUDONYMS:
            _refuse_tokens(frame[column.name], f"{table.name}.{column.name}", table, column)
    return frame


def in_order(content: pa.Table, table: TableDoc) -> pa.Table:
    """The rows by the table's key, then by every other column.

    The order is taken after re-keying: the warehouse's own order of persons does not leave it either.
    """
    order = [name for name in table.key if name in content.column_names]
    order += [name for name in content.column_names if name not in order]
    return content.sort_by([(name, "ascending") for name in order]).combine_chunks()


def columns_of(content: pa.Table, known: list[Column]) -> list[Column]:
    """The columns that are handed over, as the warehouse describes them where it has them."""
    found = {column.name: column for column in known}
    return [found.get(field.name) or _status_column(field) for field in content.schema]


def _status_column(field: pa.Field) -> Column:
    """A column that is not in the warehouse: it says of a measure whether and why its cells are hidden."""
    measure = field.name.removesuffix("_status")
    told = f"Whether {measure} is shown, or why not, as a code of voc_cell_status (fr: état de la case)."
    return Column(field.name, type_name(field.type), told, None)


def _rekeyed(values: pd.Series, kind: str, pseudonyms: Pseudonyms) -> pd.Series:
    codes, distinct = values.factorize()
    published = pd.array(pseudonyms.of(kind, distinct.tolist()), dtype=_TEXT)
    # Code -1 stands for a missing id, and stays missing.
    return pd.Series(published.take(codes, allow_fill=True))


def _refuse_tokens(values: pd.Series, where: str, table: TableDoc, column: Column) -> None:
    declared = table.columns.get(column.name, ColumnDoc()).pseudonym
    distinct = pd.Series(values.dropna().unique(), dtype=_TEXT)
    if declared is not False and distinct.str.contains(_KEY_SHAPE, regex=True).any():
        raise SynchroError(
            "KEY_LEAK",
            "Une colonne à publier contient des identifiants de l'entrepôt",
            where=where,
            todo="documenter la colonne avec « meta: {pseudonym: true} », ou l'ôter du modèle",
        )
