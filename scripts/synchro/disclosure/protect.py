"""Which cells of the public tables stay hidden: small ones, and those that would give a small one away.

Primary: fewer persons than the first shown value. Complementary: as long as a hidden cell has too few possible values
for somebody who recombines every published cell, the smallest shown cell on one of its lines is hidden as well. Both
carry one symbol: a reader who knew which is which would know more (Handbook on Statistical Disclosure Control, 2nd
ed., 2024, ch. 4-5). Deterministic: ties go to the first cell in the order of tables, columns and rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, vstack

from synchro.disclosure.cells import Cells, build_cells, rows_where
from synchro.disclosure.solver import Constraints, remaining_ranges
from synchro.disclosure.specification import Parameters, Specification
from synchro.disclosure.statuses import PROTECTED, SHOWN

# How many lines away from an unsafe cell one is sought that protects it, before its table is given up.
_FARTHEST = 4

Statuses = dict[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class Protection:
    """The status of every count, the tables that could not be made safe, and how many cells were hidden why."""

    statuses: Statuses
    refused: dict[str, str]
    primary_count: int
    complementary_count: int
    cell_count: int


def rounded(values: np.ndarray, base: int) -> np.ndarray:
    """The nearest multiple of `base` (odd, so that there is no tie)."""
    return (values + base // 2) // base * base


def bounds_of(values: np.ndarray, hidden: np.ndarray, parameters: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """What the published figures alone say of each cell: [low, high]; a hidden one is 0 or more."""
    half = parameters.rounding_base // 2
    shown = rounded(values, parameters.rounding_base)
    low = np.where(hidden, 0, np.maximum(parameters.threshold, shown - half))
    high = np.where(hidden, np.inf, shown + half)
    is_structural = ~hidden & (values == 0)
    return np.where(is_structural, 0, low), np.where(is_structural, 0.0, high)


def protect(
    tables: Mapping[str, pd.DataFrame],
    specification: Specification,
    statuses: Statuses,
    hidden_before: Mapping[tuple[str, str], np.ndarray],
) -> Protection:
    """Hide what must be among the counts of `tables` (exact, complete grids) whose first status is `shown`.

    `hidden_before` marks cells that an earlier vintage hid: they stay hidden. A table whose relations do not hold, or
    whose cells cannot be made safe, is refused.
    """
    refused: dict[str, str] = {}
    while True:
        kept = {name: frame for name, frame in tables.items() if name not in refused}
        included = {key: codes == SHOWN for key, codes in statuses.items() if key[0] in kept}
        cells = build_cells(kept, specification, included)
        values = cells.values(kept)
        broken = _tables_of(cells.broken(values), specification)
        if not broken:
            break
        refused |= dict.fromkeys(broken, "ses chiffres ne se recoupent pas comme la liste publique le dit")
    hidden = _marked(cells, {key: _is_small(kept, key, specification) for key in included})
    hidden |= _marked(cells, {key: marks for key, marks in hidden_before.items() if key in included})
    primary = hidden.copy()
    unsafe = _hide_complements(cells, values, hidden, _wholes(kept, specification, cells), specification.parameters)
    if len(unsafe):
        names = {key[0] for key, numbers in cells.numbers.items() if np.isin(numbers, unsafe).any()}
        refused |= dict.fromkeys(sorted(names), "une de ses cases masquées resterait déductible")
    new = {
        key: np.where((numbers >= 0) & hidden[np.maximum(numbers, 0)], PROTECTED, statuses[key])
        for key, numbers in cells.numbers.items()
        if key[0] not in refused
    }
    return Protection(new, refused, int(primary.sum()), int((hidden & ~primary).sum()), cells.count)


def _is_small(tables: Mapping[str, pd.DataFrame], key: tuple[str, str], specification: Specification) -> np.ndarray:
    frame, name = tables[key[0]], key[1]
    (column,) = (one for one in specification.columns_of(key[0], "count") if one.column_name == name)
    small = (frame[name] < specification.parameters.display_from).to_numpy()
    if column.zero_where:
        # Nobody can be in it, so a zero tells nothing.
        small = small & ~(rows_where(frame, column.zero_where) & (frame[name] == 0).to_numpy())
    return small


def _marked(cells: Cells, marks: Mapping[tuple[str, str], np.ndarray]) -> np.ndarray:
    """The unknowns that any of these cells stands for."""
    marked = np.zeros(cells.count, dtype=bool)
    for key, is_marked in marks.items():
        numbers = cells.numbers[key]
        marked[numbers[is_marked & (numbers >= 0)]] = True
    return marked


def _wholes(tables: Mapping[str, pd.DataFrame], specification: Specification, cells: Cells) -> np.ndarray:
    """The grand totals: hidden only when they are small themselves."""
    marks = {}
    for relation in specification.relations:
        key = (relation.table_name, relation.column_name)
        if relation.kind == "over" and key in cells.numbers:
            frame = tables[relation.table_name]
            types = [name for name in ("segment_type", "crossed_type", "need") if name in frame]
            marks[key] = (frame[types] == relation.total).all(axis=1).to_numpy()
    return _marked(cells, marks)


def _hide_complements(
    cells: Cells, values: np.ndarray, hidden: np.ndarray, wholes: np.ndarray, parameters: Parameters
) -> np.ndarray:
    """Hide in place until every hidden cell is safe; returns those that no shown cell could protect."""
    constraints = Constraints(cells.equalities, cells.inequalities)
    ties = _ties(cells)
    targets, farthest = np.flatnonzero(hidden), 1
    while True:
        low, high = bounds_of(values, hidden, parameters)
        ranges = remaining_ranges(constraints, low.astype("int64"), high, targets, parameters.least_candidates)
        unsafe = targets[~ranges.is_safe]
        if not len(unsafe):
            return unsafe
        chosen: set[int] = set()
        # First on the lines of the unsafe cell; where all of them are hidden already, on the lines next to them.
        while not chosen:
            chosen = _complements(unsafe, values, ~hidden & ~wholes & (values > 0), ties, farthest)
            farthest = 1 if chosen else farthest + 1
            if farthest > _FARTHEST:
                return unsafe
        hidden[list(chosen)] = True
        # Hiding more only leaves more possible, so what was safe stays safe.
        targets = np.union1d(unsafe, list(chosen)).astype("int64")


def _complements(
    unsafe: np.ndarray, values: np.ndarray, is_candidate: np.ndarray, ties: csr_array, distance: int
) -> set[int]:
    """For each unsafe cell the smallest candidate within `distance` lines, unless one there is chosen already."""
    chosen: set[int] = set()
    for cell in unsafe:
        near = np.array([cell])
        for _ in range(distance):
            near = np.unique(np.concatenate([_tied(ties, one) for one in near]))
        candidates = near[is_candidate[near]]
        if len(candidates) and not chosen.intersection(near):
            chosen.add(int(candidates[np.lexsort((candidates, values[candidates]))[0]]))
    return chosen


def _ties(cells: Cells) -> csr_array:
    """Which cells share a line: (cells, cells)."""
    lines = abs(vstack([cells.equalities, cells.inequalities]))
    return csr_array(lines.T @ lines)


def _tied(ties: csr_array, cell: int) -> np.ndarray:
    return ties.indices[ties.indptr[cell] : ties.indptr[cell + 1]]


def _tables_of(relations: list[str], specification: Specification) -> list[str]:
    return sorted({one.table_name for one in specification.relations if one.relation in relations})
