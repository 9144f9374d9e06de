"""The models of the status engine, as dbt compiled them, run on tables that a test fills."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb

from conftest import Territory

# In the order in which they read one another.
MODELS = (
    "fct_classed_evidence",
    "fct_evidence_conflicts",
    "fct_evidence",
    "fct_person_month_evidence",
    "fct_person_month_statuses",
    "fct_person_month_transitions",
    "fct_person_month_attributes",
    "fct_episode_ends",
    "fct_episode_bounds",
    "fct_episodes",
    "fct_person_month_durations",
    "fct_household_ties",
    "fct_person_month_households",
    "fct_person_months",
    "fct_person_month_segments",
    "fct_household_members",
    "fct_household_months",
    "fct_household_month_segments",
)
# What the models read and do not make: filled by the test, or copied as the seeds are.
FILLED = ("compiled.fct_stated_evidence", "compiled.bridge_person_records", "compiled.dim_persons",
          "compiled.dim_months", "harmonised.hrm_records")  # fmt: skip
SEEDS = ("vocabularies.voc_situation", "vocabularies.voc_evidence_kind", "vocabularies.voc_status",
         "reference.age_bands")  # fmt: skip


class Engine:
    """An empty copy of the warehouse in memory, with the compiled SQL of the models."""

    def __init__(self, territory: Territory) -> None:
        manifest = json.loads((territory.target / "manifest.json").read_text(encoding="utf-8"))
        nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
        self._sql = {name: nodes[name]["compiled_code"] for name in MODELS}
        self._con = duckdb.connect()
        self._con.execute("attach ':memory:' as synchro")
        self._con.execute(f"attach '{territory.settings.warehouse}' as built (read_only)")
        for schema in ("compiled", "harmonised", "vocabularies", "reference"):
            self._con.execute(f"create schema synchro.{schema}")
        for table in FILLED:
            self._con.execute(f"create table synchro.{table} as from built.{table} limit 0")
        for table in SEEDS:
            self._con.execute(f"create table synchro.{table} as from built.{table}")
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
        for name, sql in self._sql.items():
            self._con.execute(f"create or replace table compiled.{name} as {sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._con.execute(sql).fetchall()
