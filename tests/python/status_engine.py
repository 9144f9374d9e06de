"""Models as dbt compiled them, run in memory on tables that a test fills or changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb

from conftest import Territory

# From evidence to statuses, in the order in which they read one another.
STATUS_MODELS = (
    "fct_classed_evidence",
    "fct_evidence_conflicts",
    "fct_evidence",
    "fct_person_month_evidence",
    "fct_person_month_statuses",
)
STATUS_SEEDS = ("vocabularies.voc_situation", "vocabularies.voc_evidence_kind")


class Engine:
    """A small copy of the warehouse in memory: some tables empty, some as built, and the compiled SQL of models."""

    def __init__(
        self, territory: Territory, models: Sequence[str], empty: Sequence[str] = (), copied: Sequence[str] = ()
    ) -> None:
        manifest = json.loads((territory.target / "manifest.json").read_text(encoding="utf-8"))
        nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
        self._models = [(f"{nodes[name]['schema']}.{name}", nodes[name]["compiled_code"]) for name in models]
        self._con = duckdb.connect()
        self._con.execute("attach ':memory:' as synchro")
        self._con.execute(f"attach '{territory.settings.warehouse}' as built (read_only)")
        tables = [*empty, *copied]
        for schema in sorted({name.split(".")[0] for name in [*tables, *(name for name, _ in self._models)]}):
            self._con.execute(f"create schema synchro.{schema}")
        for table in tables:
            limit = "limit 0" if table in empty else ""
            self._con.execute(f"create table synchro.{table} as from built.{table} {limit}")
        self._con.execute("detach built")
        self._con.execute("use synchro")

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Replace the rows of a table; columns that are not named are null."""
        self._con.execute(f"delete from {table}")
        marks = ", ".join("?" * len(columns))
        if rows := list(rows):
            self._con.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)

    def months(self, months: list[date]) -> None:
        """The months of the list, after the opening one."""
        self.fill(
            "compiled.dim_months",
            ("reference_month", "month_end", "is_opening", "is_first"),
            [(month, month, number == 0, number == 1) for number, month in enumerate(months)],
        )
        self._con.execute("update compiled.dim_months set month_end = last_day(reference_month)")

    def run(self) -> None:
        """Build every model from what the tables hold."""
        for name, sql in self._models:
            self._con.execute(f"create or replace table {name} as {sql}")

    def execute(self, sql: str) -> None:
        """Change a table."""
        self._con.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._con.execute(sql).fetchall()
