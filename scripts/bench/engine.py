"""Models as dbt compiled them, run in memory on tables of a built warehouse that a bench or a test changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

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
    """A small copy of a warehouse in memory: some tables empty, some as built, and the compiled SQL of models.

    `target` is the folder of the build's dbt artefacts; `models` run in the order given.
    """

    def __init__(
        self,
        warehouse: Path,
        target: Path,
        models: Sequence[str],
        empty: Sequence[str] = (),
        copied: Sequence[str] = (),
    ) -> None:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
        self._models = [(f"{nodes[name]['schema']}.{name}", nodes[name]["compiled_code"]) for name in models]
        self._con = duckdb.connect()
        self._con.execute("attach ':memory:' as synchro")
        self._con.execute(f"attach '{warehouse}' as built (read_only)")
        tables = [*empty, *copied]
        for schema in sorted({name.split(".")[0] for name in [*tables, *(name for name, _ in self._models)]}):
            self._con.execute(f"create schema synchro.{schema}")
        for table in tables:
            limit = "limit 0" if table in empty else ""
            self._con.execute(f"create table synchro.{table} as from built.{table} {limit}")
        self._con.execute("detach built")
        self._con.execute("use synchro")

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
