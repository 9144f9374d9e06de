"""Complete rows: every code of every dimension, so that no row says by being there that somebody is in it."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from synchro.disclosure.specification import Domain, Specification
from synchro.errors import SynchroError

_SEGMENTS = {"segment_type": "segment", "crossed_type": "crossed_segment"}


def read_codes(specification: Specification, project_dir: Path) -> dict[str, list[str]]:
    """The codes of each domain, in the order of its table of codes. Raises SynchroError PUBLIC_LIST."""
    return {domain.domain: _codes(domain, project_dir) for domain in specification.domains}


def _codes(domain: Domain, project_dir: Path) -> list[str]:
    codes = domain.more_codes.split()
    if domain.code_table:
        found = sorted((project_dir / "seeds").rglob(f"{domain.code_table}.csv"))
        if not found:
            raise SynchroError(
                "PUBLIC_LIST", "Une liste de codes est introuvable", where=domain.code_table, todo="la rétablir"
            )
        with found[0].open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            # A list of codes is named `code`, or after the dimension it is for.
            name = "code" if "code" in (reader.fieldnames or []) else domain.domain
            where, _, value = domain.code_where.partition("=")
            codes += [row[name] for row in reader if not where or row[where] == value]
    return codes


def complete(
    frame: pd.DataFrame,
    table_name: str,
    specification: Specification,
    codes: dict[str, list[str]],
    months: list[pd.Timestamp],
) -> pd.DataFrame:
    """`frame` on the whole grid of its dimensions, sorted by it: a count that was not there is 0, the rest is empty.

    Raises SynchroError PUBLIC_GRID where a row with somebody in it has a code that the grid does not know: left out,
    its persons would be missing from no total, and could be found by subtraction.
    """
    dimensions = specification.dimensions(table_name)
    counts = [column.column_name for column in specification.columns_of(table_name, "count")]
    grid = _grid(table_name, specification, codes, months)[dimensions]
    axes = [name for name in ("unit", *_SEGMENTS) if name in dimensions]
    if axes:
        frame = frame.merge(grid[axes].drop_duplicates(), on=axes)
    merged = grid.merge(frame, on=dimensions, how="outer", indicator=True, validate="one_to_one")
    stray = merged.loc[merged["_merge"] == "right_only"]
    if stray[counts].fillna(0).to_numpy().any():
        raise SynchroError(
            "PUBLIC_GRID",
            f"{len(stray)} ligne(s) portent un code que la liste publique ne connaît pas",
            where=table_name,
            todo="compléter seeds/publication/public_axes.csv ou public_domains.csv",
        )
    complete_rows = merged.loc[merged["_merge"] != "right_only"].drop(columns="_merge")
    for column in specification.columns_of(table_name, "count"):
        if column.same_within:
            # The whole that shares are of: the same in every row, whether or not somebody is in it.
            whole = complete_rows.groupby(column.same_within.split(","))[column.column_name].transform("max")
            complete_rows[column.column_name] = whole
    # Of what an entity of its own may not collect, an empty cell is not a zero.
    of_everyone = [one.column_name for one in specification.columns_of(table_name, "count") if not one.entity]
    complete_rows[of_everyone] = complete_rows[of_everyone].fillna(0).astype("int64")
    for label in specification.columns_of(table_name, "label"):
        # A label belongs to its code, whatever the month.
        own = [name for name in dimensions if name != "reference_month"]
        name = label.column_name
        complete_rows[name] = complete_rows[name].fillna(complete_rows.groupby(own)[name].transform("first"))
    return complete_rows.sort_values(dimensions, ignore_index=True)


def _grid(
    table_name: str, specification: Specification, codes: dict[str, list[str]], months: list[pd.Timestamp]
) -> pd.DataFrame:
    dimensions = specification.dimensions(table_name)
    # Of type date even when every month was published before and none is left.
    of_months = pd.DataFrame({"reference_month": pd.Series(months, dtype="datetime64[s]")})
    axes = pd.DataFrame(
        [
            {"unit": axis.unit, "segment_type": axis.segment_type, "crossed_type": axis.crossed_type}
            for axis in specification.axes
            if axis.table_name == table_name
        ]
    )
    if axes.empty:
        (name,) = (dimension for dimension in dimensions if dimension != "reference_month")
        return of_months.merge(pd.DataFrame({name: codes[name]}), how="cross")
    for of_type, of_code in _SEGMENTS.items():
        if of_type not in dimensions:
            axes = axes.drop(columns=of_type)
            continue
        of_axis = [(name, code) for name in axes[of_type].unique() for code in codes[name]]
        axes = axes.merge(pd.DataFrame(of_axis, columns=[of_type, of_code]), on=of_type)
    return of_months.merge(axes, how="cross")
