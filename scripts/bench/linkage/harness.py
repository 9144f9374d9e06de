"""Linkage of any list of persons: encoded as the loader does, linked by the project's own SQL."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from bench.keys import BENCH_KEYS
from bench.linkage.program import RECORDS, Program
from synchro.columns import Coded
from synchro.contracts import ColumnContract
from synchro.encoding import Encoder, Identities
from synchro.normalise import normalise_name
from synchro.values import Parser, birth_date_reader, parser

RECEIVED_AT = datetime(2024, 1, 1)
THRESHOLD = 0.9
_ISO = "%Y-%m-%d"
_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "preserve_insertion_order": "false",
    "threads": os.environ.get("SYNCHRO_THREADS", "2"),
}


def birth_dates(month_end: date) -> Parser:
    """How the loader reads a birth date written YYYY-MM-DD in a list of that month: the one place that says so."""
    column = ColumnContract(
        name="birth_date", header="birth_date", role="identity.birth_date", type="date", format=_ISO
    )
    return birth_date_reader(parser(column, is_xlsx=False), _ISO, month_end)


def identities(people: pd.DataFrame, month_end: date) -> Identities:
    """Last, first and birth name normalised, and the birth date read, of each row."""
    last, first, birth = (
        _texts(people, name).map(normalise_name) for name in ("last_name", "first_name", "birth_name")
    )
    return Identities(last, first, birth, _texts(people, "birth_date").map(birth_dates(month_end)))


def _texts(people: pd.DataFrame, column: str) -> Coded:
    if column not in people:
        return Coded.nulls(len(people))
    return Coded.from_arrow(pa.array(people[column], pa.string(), from_pandas=True))


def encoded_records(people: pd.DataFrame, month_end: date) -> pa.Table:
    """Rows of lnk_records, one per row of id, source, last_name, first_name, birth_date (birth_name, sex)."""
    encoded = Encoder(BENCH_KEYS).encode(identities(people, month_end))
    ids = pa.array([encoded.identity_ids[code] if code >= 0 else "none" for code in encoded.codes], pa.string())
    rows = {id_: row for row, id_ in enumerate(encoded.table["identity_id"].to_pylist())}
    places = pa.array([rows.get(id_) for id_ in ids.to_pylist()], pa.int64())
    count = len(people)
    sexes = people["sex"].astype(str) if "sex" in people else pd.Series(["unknown"] * count)
    numbers = _ranks(people["id"], pa.int32())
    columns = {
        # Each record is written in one way.
        "spelling_number": numbers,
        "record_number": numbers,
        "identity_count": pa.array([1] * count, pa.int32()),
        "list_number": _ranks(people["source"], pa.int16()),
        "household_number": pa.nulls(count, pa.int32()),
        "record_id": pa.array(people["id"].astype(str), pa.string()),
        "identity_id": ids,
        "operator": pa.array(people["source"].astype(str), pa.string()),
        "first_received_at": pa.array([RECEIVED_AT] * count, pa.timestamp("us")),
        "household_record_id": pa.nulls(count, pa.string()),
        "sex": pa.array(sexes, pa.string()),
        "nur_token": pa.nulls(count, pa.uint64()),
        "agdref_token": pa.nulls(count, pa.uint64()),
        "known_sex": pa.array(sexes.where(sexes.isin(["female", "male"]), None), pa.string(), from_pandas=True),
    }
    taken = encoded.table.drop_columns(["identity_id"]).take(places)
    return pa.table({**columns, **{name: taken[name] for name in taken.column_names}})


def _ranks(values: pd.Series, kind: pa.DataType) -> pa.Array:
    """The place of each value among the distinct ones, from 1, as lnk_records numbers them."""
    return pa.array(np.unique(values.astype(str).to_numpy(str), return_inverse=True)[1] + 1, kind)


class Linkage:
    """The linkage models of a program over one list of records, in two databases of their own.

    truth: id, source and entity of each record; nothing but the measures reads it.
    """

    def __init__(
        self,
        program: Program,
        records: pa.Table,
        truth: pd.DataFrame,
        folder: Path | None = None,
        memory_limit: str | None = None,
    ) -> None:
        self.program = program
        self.seconds: dict[str, float] = {}
        self.connection = duckdb.connect(config=_CONFIG)
        if memory_limit:
            self.connection.execute(f"set memory_limit = '{memory_limit}'")
        if folder:
            self.connection.execute(f"set temp_directory = '{folder / 'spill'}'")
        for database in sorted({relation.database for relation in program.relations.values()}):
            path = str(folder / f"{database}.duckdb") if folder else ":memory:"
            self.connection.execute(f"attach '{path}' as {database}")
        for relation in program.relations.values():
            self.connection.execute(f"create schema if not exists {relation.database}.{relation.schema}")
        for name in program.given:
            self._create(name)
        self.connection.register("incoming_records", records)
        self.connection.execute(f"insert into {self.name_of(RECORDS)} by name from incoming_records")
        self.connection.unregister("incoming_records")
        self.connection.execute(
            "create table truth as select cast(id as varchar) as record_id, cast(source as varchar) as source, "
            "cast(entity as varchar) as entity from truth"
        )

    @classmethod
    def of(cls, program: Program, people: pd.DataFrame, month_end: date) -> Linkage:
        """The linkage of a list in clear."""
        return cls(program, encoded_records(people, month_end), people[["id", "source", "entity"]])

    def name_of(self, table: str) -> str:
        """A table's qualified name."""
        return self.program.relations[table].full_name

    def _create(self, name: str) -> None:
        relation = self.program.relations[name]
        columns = ", ".join(f'"{column}" {kind}' for column, kind in relation.columns.items())
        self.connection.execute(f"create table {relation.full_name} ({columns})")
        if name in self.program.seeds:
            self.connection.execute(
                f"insert into {relation.full_name} by name from read_csv(?, header = true, all_varchar = true)",
                [self.program.seeds[name]],
            )

    def run(self, until: str | None = None) -> Linkage:
        """Run the models that have not run, in order, up to and including `until`; the last by default."""
        for name, sql in self.program.models.items():
            if name not in self.seconds:
                start = time.perf_counter()
                kind = "view" if name in self.program.views else "table"
                self.connection.execute(f"create {kind} {self.name_of(name)} as {sql}")
                self.seconds[name] = time.perf_counter() - start
            if name == until:
                break
        return self

    def use_weights(self, weights: pd.DataFrame, model: Mapping[str, Any]) -> None:
        """Put these weights and this row of the model in the place of the default ones."""
        self.connection.execute(f"truncate {self.name_of('link_weights')}")
        self.connection.execute(f"insert into {self.name_of('link_weights')} by name from weights")
        for column, value in model.items():
            self.connection.execute(f'update {self.name_of("link_model")} set "{column}" = ?', [value])

    @property
    def total_seconds(self) -> float:
        """Of all models that have run."""
        return sum(self.seconds.values())
