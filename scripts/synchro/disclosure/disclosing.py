"""The way from exact tables to those of one audience: grids, statuses, protection, rounding, months frozen before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synchro.disclosure.displaying import displayed
from synchro.disclosure.dominance import dominance_warnings
from synchro.disclosure.grids import complete, read_codes
from synchro.disclosure.protect import protect
from synchro.disclosure.specification import MEASURES, Specification, read_specification
from synchro.disclosure.statuses import (
    NOT_PUBLISHED,
    PROTECTED,
    SUFFIX,
    entity_statuses,
    first_statuses,
    with_statuses,
)

_MONTH = "reference_month"


@dataclass(frozen=True)
class Disclosed:
    """The tables of one audience, what was refused and why, what to look at, and what the dictionary says of it."""

    tables: dict[str, pd.DataFrame]
    refused: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    specification: dict[str, Any] = field(default_factory=dict)


def disclose(
    tables: Mapping[str, pd.DataFrame],
    *,
    audience: str,
    project_dir: Path,
    variables: Mapping[str, Any],
    vintage: int = 1,
    previous: Path | None = None,
    revise: bool = False,
) -> Disclosed:
    """What `audience` may see of the exact `tables` (by name; `dq_deliveries` and `dim_months` among them).

    internal: every table as it is, each measure of the closed list with its `<measure>_status`. public: only the
    closed list, protected and rounded. `previous` is the folder of the last public vintage: its months are repeated
    as they were, unless `revise`. The same inputs give the same tables.
    Raises SynchroError: PUBLIC_LIST, PUBLIC_GRID.
    """
    specification = read_specification(project_dir)
    entities = entity_statuses(tables["dq_deliveries"], variables)
    if audience == "internal":
        return Disclosed({name: _explained(name, frame, specification, entities) for name, frame in tables.items()})
    return _public(tables, specification, entities, project_dir, vintage, previous, revise)


def _explained(
    name: str,
    frame: pd.DataFrame,
    specification: Specification,
    entities: Mapping[str, Mapping[pd.Timestamp, str]],
) -> pd.DataFrame:
    columns = specification.columns_of(name, *MEASURES)
    statuses = {
        column.column_name: first_statuses(frame, column, specification, entities, is_public=False)
        for column in columns
    }
    return with_statuses(frame, statuses)


def _public(
    tables: Mapping[str, pd.DataFrame],
    specification: Specification,
    entities: Mapping[str, Mapping[pd.Timestamp, str]],
    project_dir: Path,
    vintage: int,
    previous: Path | None,
    revise: bool,
) -> Disclosed:
    codes = read_codes(specification, project_dir)
    months = list(pd.to_datetime(tables["dim_months"].loc[~tables["dim_months"]["is_opening"], _MONTH]))
    before = _months_before(previous)
    frozen = {} if revise else {month: number for month, number in before.items() if month in months}
    new_months = [month for month in months if month not in frozen]
    exact, statuses = {}, {}
    for table in specification.tables:
        name = table.table_name
        if table.kind == "figures" and name in tables:
            frame = _dated(tables[name])
            exact[name] = complete(frame[frame[_MONTH].isin(new_months)], name, specification, codes, new_months)
            statuses |= _statuses_of(name, exact[name], specification, entities)
            exact[name] = _filled(exact[name], name, specification)
    of_counts = {
        (column.table_name, column.column_name): statuses[column.table_name, column.column_name]
        for column in specification.columns
        if column.role == "count" and column.table_name in exact
    }
    earlier = {name: _read(previous, name) for name in exact} if previous else {}
    hidden_before = _hidden_before(exact, earlier, specification) if revise else {}
    protection = protect(exact, specification, of_counts, hidden_before)
    statuses |= protection.statuses
    shown = {}
    for table in specification.tables:
        name = table.table_name
        if name not in tables or name in protection.refused:
            continue
        if table.kind == "figures":
            of_table = {column: own for (of, column), own in statuses.items() if of == name}
            new = displayed(exact[name], name, specification, of_table)
            whole = _with_frozen(new, earlier.get(name), frozen, specification.dimensions(name))
            shown[name] = whole.assign(**{_MONTH: _as_before(whole[_MONTH], tables[name][_MONTH])})
        else:
            shown[name] = _unfrozen(name, tables[name], specification, entities)
    return Disclosed(
        tables=shown,
        refused=protection.refused,
        warnings=dominance_warnings(tables, specification.parameters),
        specification={
            **specification.to_public(),
            "months": {month.date().isoformat(): frozen.get(month, vintage) for month in months},
            "counts": {
                "cells": protection.cell_count,
                "hidden": protection.primary_count + protection.complementary_count,
            },
        },
    )


def _filled(frame: pd.DataFrame, name: str, specification: Specification) -> pd.DataFrame:
    """Counts as whole numbers, once the statuses tell which of them were empty."""
    counts = [column.column_name for column in specification.columns_of(name, "count")]
    return frame.assign(**{count: frame[count].fillna(0).astype("int64") for count in counts})


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{_MONTH: pd.to_datetime(frame[_MONTH])})


def _as_before(dates: pd.Series, original: pd.Series) -> pd.Series:
    """Dates in the type they came in: the month of a publication is a date, with no hour."""
    return dates.dt.date.astype(original.dtype) if original.dtype == object else dates.astype(original.dtype)


def _statuses_of(
    name: str,
    frame: pd.DataFrame,
    specification: Specification,
    entities: Mapping[str, Mapping[pd.Timestamp, str]],
) -> dict[tuple[str, str], np.ndarray]:
    return {
        (name, column.column_name): first_statuses(frame, column, specification, entities, is_public=True)
        for column in specification.columns_of(name, *MEASURES)
    }


def _unfrozen(
    name: str,
    frame: pd.DataFrame,
    specification: Specification,
    entities: Mapping[str, Mapping[pd.Timestamp, str]],
) -> pd.DataFrame:
    """A table that holds no count of persons, or only estimates of them: anew at each vintage."""
    if not specification.columns_of(name):
        return frame
    if not specification.columns_of(name, "estimate"):
        kept = frame[[column.column_name for column in specification.columns_of(name)]]
        return _explained(name, kept, specification, entities)
    scopes = {column.scope for column in specification.columns_of(name, "estimate")}
    frame = frame[frame["segment_type"].isin(scopes)].reset_index(drop=True)
    statuses = {column: own for (_, column), own in _statuses_of(name, frame, specification, entities).items()}
    return displayed(frame, name, specification, statuses)


def _months_before(previous: Path | None) -> dict[pd.Timestamp, int]:
    """The months that the last vintage shows, and the vintage in which the figures of each were worked out."""
    if previous is None:
        return {}
    text = (previous / "dictionary.json").read_text(encoding="utf-8")
    return {pd.Timestamp(month): number for month, number in json.loads(text)["disclosure"]["months"].items()}


def _read(previous: Path, name: str) -> pd.DataFrame | None:
    path = previous / "data" / "synchro" / f"{name}.parquet"
    return _dated(pd.read_parquet(path)) if path.exists() else None


def _hidden_before(
    exact: Mapping[str, pd.DataFrame], earlier: Mapping[str, pd.DataFrame | None], specification: Specification
) -> dict[tuple[str, str], np.ndarray]:
    """The counts that the last vintage hid: shown now, they would say on which side of the threshold they were."""
    hidden = {}
    for name, frame in exact.items():
        if earlier.get(name) is None:
            continue
        dimensions = specification.dimensions(name)
        both = frame[dimensions].merge(earlier[name], on=dimensions, how="left")
        for column in specification.columns_of(name, "count"):
            status = both.get(column.column_name + SUFFIX)
            if status is not None:
                hidden[name, column.column_name] = (status == PROTECTED).to_numpy(dtype=bool)
    return hidden


def _with_frozen(
    new: pd.DataFrame, earlier: pd.DataFrame | None, frozen: Mapping[pd.Timestamp, int], dimensions: list[str]
) -> pd.DataFrame:
    """The rows of frozen months as they were published, and the new ones after them."""
    if earlier is None or not frozen:
        return new
    kept = earlier[earlier[_MONTH].isin(frozen)].reindex(columns=new.columns)
    for name in (name for name in new.columns if name.endswith(SUFFIX)):
        # A column that the list has gained since was not published for that month.
        kept[name] = kept[name].fillna(NOT_PUBLISHED)
    kept = kept.astype(new.dtypes.to_dict())
    return pd.concat([kept, new]).sort_values(dimensions, ignore_index=True)
