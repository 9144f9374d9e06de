"""What a bench prints: a table, then one JSON line with its aims."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 120


@dataclass(frozen=True)
class Aim:
    """A figure, what it should reach, and whether it does."""

    name: str
    figure: float
    bound: float
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        return self.figure <= self.bound if self.at_most else self.figure >= self.bound

    @property
    def text(self) -> str:
        sign = "<=" if self.at_most else ">="
        verdict = "atteint" if self.is_met else "MANQUÉ"
        return f"{verdict} : {self.name} {self.figure:.4g} (objectif {sign} {self.bound:.4g})"


def show(
    bench: str, title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]], aims: Sequence[Aim] = ()
) -> None:
    """The table, its aims, and the same for a program."""
    table = Table(title=title, title_justify="left")
    for number, header in enumerate(headers):
        table.add_column(header, justify="right" if number and _is_number(rows, number) else "left")
    for row in rows:
        table.add_row(*map(_written, row))
    console = Console(width=WIDTH, color_system=None, highlight=False)
    console.print(table)
    for aim in aims:
        console.print(aim.text)
    content = {
        "bench": bench,
        "rows": [dict(zip(headers, row, strict=True)) for row in rows],
        "aims": [{"name": aim.name, "figure": aim.figure, "bound": aim.bound, "met": aim.is_met} for aim in aims],
    }
    print(json.dumps(content, ensure_ascii=False), flush=True)


def tell(message: str) -> None:
    """What long work is at."""
    print(f"… {message}", flush=True)


def _is_number(rows: Sequence[Sequence[Any]], column: int) -> bool:
    return all(isinstance(row[column], int | float) or row[column] is None for row in rows)


def _written(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 10 else f"{value:.1f}"
    return str(value)
