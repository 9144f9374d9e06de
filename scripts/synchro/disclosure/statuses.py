"""Why a cell is or is not shown, before anything is protected: what was published, delivered, collected, known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from synchro.disclosure.cells import rows_where
from synchro.disclosure.specification import PublicColumn, Specification

SHOWN, PROTECTED = "shown", "protected"
NOT_DELIVERED, NOT_COLLECTED = "not_delivered", "not_collected"
NOT_YET_KNOWN, NOT_PUBLISHED = "not_yet_known", "not_published"
SUFFIX = "_status"


def entity_statuses(deliveries: pd.DataFrame, variables: Mapping[str, Any]) -> dict[str, dict[pd.Timestamp, str]]:
    """By harmonised entity and month: `not_delivered` where none of its operators' extracts came.

    `deliveries` is dq_deliveries (one row per operator, extract, month). A month without any expected extract of the
    entity is left out: `not_collected`.
    """
    arrived = deliveries.assign(
        month=pd.to_datetime(deliveries["reference_month"]), is_in=deliveries["delivery_count"].fillna(0) > 0
    )
    return {
        entity: {
            month: SHOWN if is_in else NOT_DELIVERED
            for month, is_in in arrived[arrived["operator"].isin(operators)].groupby("month")["is_in"].any().items()
        }
        for entity, operators in variables["operators"].items()
    }


def first_statuses(
    frame: pd.DataFrame,
    column: PublicColumn,
    specification: Specification,
    entities: Mapping[str, Mapping[pd.Timestamp, str]],
    *,
    is_public: bool,
) -> np.ndarray:
    """The status of each cell of a measure, before any is protected (a row of codes of voc_cell_status)."""
    values = frame[column.column_name]
    statuses = np.where(values.notna(), SHOWN, NOT_YET_KNOWN).astype(object)
    entity = column.entity or specification.table(column.table_name).entity
    if entity:
        by_month = entities.get(entity, {})
        of_month = pd.to_datetime(frame["reference_month"]).map(lambda month: by_month.get(month, NOT_COLLECTED))
        # An empty cell of a delivered month is one that nobody collects: a need that no capacity answers.
        of_month = of_month.to_numpy(dtype=object)
        of_month[(of_month == SHOWN) & values.isna().to_numpy() & (column.entity != "")] = NOT_COLLECTED
        statuses = np.where(of_month == SHOWN, statuses, of_month)
    if is_public and column.scope:
        statuses[~rows_where(frame, f"segment_type={column.scope}")] = NOT_PUBLISHED
    return statuses


def with_statuses(frame: pd.DataFrame, statuses: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """`frame` with a `<measure>_status` beside each measure; a measure is empty unless it is shown."""
    new = frame.copy()
    for name, codes in statuses.items():
        new[name] = new[name].where(codes == SHOWN)
        new[name + SUFFIX] = pd.array(codes, dtype="str")
    order = [part for name in frame.columns for part in ([name, name + SUFFIX] if name in statuses else [name])]
    return new[order]
