"""What a reader may be shown, and what is said of a place that shows something else. Never the value found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True, order=True)
class Finding:
    """Something that must not leave: in which file, where in it, and what is wrong (in French)."""

    path: str
    place: str
    what: str

    def __str__(self) -> str:
        return " – ".join(part for part in (self.path, self.place, self.what) if part)


@dataclass(frozen=True)
class Rules:
    """The disclosure part of a public dictionary, as questions."""

    disclosure: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, int]:
        """Threshold, base and the like."""
        return self.disclosure["parameters"]

    @cached_property
    def first_shown(self) -> int:
        """The least rounded count that is ever shown."""
        base = self.parameters["rounding_base"]
        return (self.parameters["display_from"] + base // 2) // base * base

    @cached_property
    def tables(self) -> dict[str, str]:
        """The closed list of tables, each with its kind."""
        return {table["table_name"]: table["kind"] for table in self.disclosure["tables"]}

    @cached_property
    def axes(self) -> set[tuple[str, ...]]:
        """(table, unit, segment_type, crossed_type) of every segmentation that may be shown; empty where not told."""
        names = ("table_name", "unit", "segment_type", "crossed_type")
        return {tuple(axis[name] for name in names) for axis in self.disclosure.get("axes", ())}

    def columns(self, table: str, *roles: str) -> list[Mapping[str, str]]:
        """The rules of a table's columns, of these roles (all without any)."""
        rules = [rule for rule in self.disclosure["columns"] if rule["table"] == table]
        return [rule for rule in rules if not roles or rule["role"] in roles]

    @cached_property
    def count_names(self) -> list[str]:
        """The names of all columns of counts, the longest first."""
        names = {rule["column"] for rule in self.disclosure["columns"] if rule["role"] in ("count", "estimate")}
        return sorted(names, key=lambda name: (-len(name), name))

    @cached_property
    def share_names(self) -> list[str]:
        """The names of all columns of shares."""
        return sorted({rule["column"] for rule in self.disclosure["columns"] if rule["role"] == "share"})

    def is_displayable(self, values: np.ndarray | float) -> np.ndarray:
        """Whether a count of persons may be shown as that: rounded, and large enough."""
        return (np.mod(values, self.parameters["rounding_base"]) == 0) & (np.asarray(values) >= self.first_shown)
