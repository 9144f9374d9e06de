"""A publication folder, read as its readers do: Parquet files and the dictionary, nothing of the warehouse.

A cell of the public edition is empty unless its `_status` says `shown`; a column without a status is shown as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from math import isnan
from pathlib import Path
from typing import Any

import duckdb

from synchro.errors import SynchroError
from synchro.french import number

Row = dict[str, Any]

SHOWN, NOT_YET_KNOWN = "shown", "not_yet_known"
_NEEDED = ("ind_monthly_flows", "dim_months")
_DASH = "–"


@dataclass(frozen=True)
class Cell:
    """One figure: its value, or none and why."""

    value: float | None
    status: str = SHOWN


class Publication:
    """One edition, opened for reading. Raises SynchroError: NO_PUBLICATION, PUBLICATION."""

    def __init__(self, folder: Path, audience: str) -> None:
        self.folder = folder
        todo = f"la produire avec « synchro publish --audience {audience} »"
        if not (folder / "dictionary.json").is_file():
            raise SynchroError("NO_PUBLICATION", f"Il n'y a pas de publication « {audience} »", str(folder), todo)
        self.dictionary: Row = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
        if self.dictionary.get("audience") != audience:
            found = self.dictionary.get("audience")
            raise SynchroError("PUBLICATION", f"Cette publication est « {found} », pas « {audience} »", str(folder))
        self.audience = audience
        self._told: set[str] = set()
        # One thread: the order of rows is then that of the files, whatever the machine.
        self._connection = duckdb.connect(config={"threads": 1})
        self.tables = set()
        for path in sorted((folder / "data" / "synchro").glob("*.parquet")):
            self._add_view(path)
            self.tables.add(path.stem)
        missing = [name for name in _NEEDED if name not in self.tables]
        if missing:
            raise SynchroError(
                "PUBLICATION", f"La publication est incomplète : {', '.join(missing)}", str(folder), todo
            )

    def _add_view(self, path: Path) -> None:
        """One table; months are dates, whatever the library that wrote the file made of them."""
        source = "read_parquet('{}')".format(str(path).replace("'", "''"))
        columns = {row["column_name"]: row["column_type"] for row in self.rows(f"describe select * from {source}")}
        moments = [name for name, kind in columns.items() if kind.startswith("TIMESTAMP") and name.endswith("month")]
        dates = ", ".join(f"cast({name} as date) as {name}" for name in moments)
        every = f"* replace ({dates})" if moments else "*"
        self._connection.execute(f'create view "{path.stem}" as select {every} from {source}')

    @property
    def is_synthetic(self) -> bool:
        """Whether every figure is of an imaginary territory; true when the dictionary does not say."""
        return bool(self.dictionary.get("is_synthetic", True))

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of disclosure control; empty in an edition of exact counts."""
        return self.dictionary.get("disclosure", {}).get("parameters", {}) if self.audience == "public" else {}

    @cached_property
    def months(self) -> list[date]:
        """The months of figures, in order, without the opening one."""
        return [
            row["month"]
            for row in self.rows("select distinct reference_month as month from ind_monthly_flows order by 1")
        ]

    @cached_property
    def first_month(self) -> date:
        """The first list: everybody enters it, so that its inflow is no flow."""
        found = self.rows("select min(reference_month) as month from dim_months where is_first")[0]["month"]
        return found or self.months[0]

    def month(self, asked: date | None) -> date:
        """The month asked for, or the last. Raises SynchroError MONTH."""
        if asked is None:
            return self.months[-1]
        if asked not in self.months:
            span = f"{self.months[0]:%Y-%m} à {self.months[-1]:%Y-%m}"
            raise SynchroError(
                "MONTH", f"La publication n'a pas ce mois : {asked:%Y-%m}", str(self.folder), f"choisir de {span}"
            )
        return asked

    def rows(self, query: str, **parameters: Any) -> list[Row]:
        """The rows of a query over the published tables; named parameters are written `$name`."""
        cursor = self._connection.execute(query, parameters or None)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def table(self, name: str, order: str = "", **key: Any) -> list[Row]:
        """The rows of a table where columns have these values; none if the edition does not hold the table."""
        if name not in self.tables:
            return []
        where = " and ".join(f"{column} = ${column}" for column in key) or "true"
        return self.rows(f"select * from {name} where {where}" + (f" order by {order}" if order else ""), **key)

    @cached_property
    def _reasons(self) -> dict[str, Row]:
        rows = {row["code"]: row for row in self.table("voc_cell_status", "position")}
        return rows or {NOT_YET_KNOWN: {"symbol_fr": _DASH, "label_fr": "Pas encore connu, ou non livré"}}

    def text(self, cell: Cell, digits: int = 0, *, is_signed: bool = False) -> str:
        """The figure as a French reader writes it, or the symbol of why it is not shown."""
        if cell.value is not None:
            return signed(cell.value, digits) if is_signed else number(half_up(cell.value, digits), digits)
        self._told.add(cell.status)
        return self._reasons.get(cell.status, {}).get("symbol_fr") or _DASH

    def reason(self, status: str) -> str:
        """Why a figure is not shown, and the symbol that says so."""
        row = self._reasons.get(status, {"label_fr": "Non montré", "symbol_fr": _DASH})
        return f"{row['label_fr']} ({row['symbol_fr']})"

    def legend(self) -> list[str]:
        """The reason of each symbol that `text` gave so far."""
        return [self.reason(code) for code in self._reasons if code in self._told]


def cell(row: Row | None, column: str) -> Cell:
    """The cell of a row; not yet known where there is no row or no value."""
    value = row.get(column) if row else None
    status = (row or {}).get(f"{column}_status") or (SHOWN if _is_known(value) else NOT_YET_KNOWN)
    return Cell(float(value) if status == SHOWN and _is_known(value) else None, status)


def less(now: Cell, before: Cell) -> Cell:
    """The difference of two cells; hidden for the reason of the first that is."""
    return _combined(now, before, lambda left, right: left - right)


def share(row: Row | None, column: str) -> Cell:
    """A share, in percent."""
    found = cell(row, column)
    return found if found.value is None else Cell(100 * found.value)


def ratio(part: Cell, whole: Cell) -> Cell:
    """Part over whole, in percent, from the figures as they are shown."""
    return _combined(part, whole, lambda left, right: 100 * left / right if right else None)


def total(*cells: Cell) -> Cell:
    """The sum of cells; hidden for the reason of the first that is."""
    found = cells[0]
    for other in cells[1:]:
        found = _combined(found, other, lambda left, right: left + right)
    return found


def signed(value: float, digits: int = 0) -> str:
    """A change: its sign always written, none for zero."""
    text = number(half_up(value, digits), digits)
    if not any(character in "123456789" for character in text):
        return text.lstrip("\u2212")
    return f"+{text}" if value > 0 else text


def half_up(value: float, digits: int) -> float:
    """Rounded as readers do by hand, a half away from zero."""
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _combined(left: Cell, right: Cell, combine: Any) -> Cell:
    for one in (left, right):
        if one.value is None:
            return one
    value = combine(left.value, right.value)
    return Cell(value, SHOWN if value is not None else NOT_YET_KNOWN)


def _is_known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and isnan(value))
