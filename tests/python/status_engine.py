"""The compiled layer's SQL in memory, on the tables of the session's territory or on rows that a test gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import bench.engine
from conftest import Territory


class Engine(bench.engine.Engine):
    """Models of the territory's build, and tables that can be filled by hand."""

    def __init__(
        self, territory: Territory, models: Sequence[str], empty: Sequence[str] = (), copied: Sequence[str] = ()
    ) -> None:
        super().__init__(territory.settings.warehouse, territory.target, models, empty, copied)

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
