"""Cells of public tables as unknowns of one linear system: what a reader who recombines everything may rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from synchro.disclosure.specification import Relation, Specification

_MONTH = "reference_month"


@dataclass(frozen=True)
class Terms:
    """Sums of cells: entry i adds `sign[i]` times cell `cell[i]` to the sum number `sum_of[i]`."""

    sum_of: np.ndarray
    cell: np.ndarray
    sign: np.ndarray


@dataclass
class Cells:
    """`numbers[table, column]`: the unknown of each row (-1 where the cell is not in the system).

    Columns that are the same figure share their unknowns. `equalities` x = 0 and `inequalities` x <= 0.
    """

    count: int
    numbers: dict[tuple[str, str], np.ndarray]
    equalities: csr_array
    inequalities: csr_array
    names: list[str] = field(default_factory=list)

    def values(self, tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
        """The true value of each unknown, from the exact tables (int64)."""
        values = np.zeros(self.count, dtype="int64")
        for (table, column), numbers in self.numbers.items():
            inside = numbers >= 0
            values[numbers[inside]] = tables[table][column].to_numpy()[inside]
        return values

    def broken(self, values: np.ndarray) -> list[str]:
        """The relations that do not hold in the exact tables, by name."""
        of_equalities, of_inequalities = self.equalities @ values != 0, self.inequalities @ values > 0
        wrong = np.concatenate([of_equalities, of_inequalities])
        return sorted({name for name, is_wrong in zip(self.names, wrong, strict=True) if is_wrong})


def build_cells(
    tables: Mapping[str, pd.DataFrame],
    specification: Specification,
    included: Mapping[tuple[str, str], np.ndarray],
) -> Cells:
    """The system of the counts of `tables` (complete grids), of the cells that `included` marks true."""
    numbers, count = {}, 0
    for key, is_included in included.items():
        own = np.full(len(is_included), -1, dtype="int64")
        own[is_included] = np.arange(count, count + is_included.sum())
        numbers[key], count = own, count + int(is_included.sum())
    numbers, count = _merge_same(tables, specification, numbers, count)
    sums: dict[str, list[tuple[str, Terms]]] = {"equal": [], "at_most": []}
    for relation in specification.relations:
        if relation.kind == "same" or relation.table_name not in tables:
            continue
        terms = _BUILDERS[relation.kind](tables[relation.table_name], specification, relation, numbers)
        sums["at_most" if relation.kind == "at_most" else "equal"].append((relation.relation, terms))
    equalities, names = _matrix(sums["equal"], count)
    inequalities, more_names = _matrix(sums["at_most"], count)
    return Cells(count, numbers, equalities, inequalities, names + more_names)


def _merge_same(
    tables: Mapping[str, pd.DataFrame],
    specification: Specification,
    numbers: dict[tuple[str, str], np.ndarray],
    count: int,
) -> tuple[dict[tuple[str, str], np.ndarray], int]:
    """Cells that two tables both show become one unknown."""
    pairs = [
        _same_pairs(tables, specification, relation, numbers)
        for relation in specification.relations
        if relation.kind == "same" and relation.table_name in tables and relation.other_table in tables
    ]
    if not pairs:
        return numbers, count
    left, right = np.concatenate(pairs, axis=1)
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(count, count))
    merged_count, merged = connected_components(graph, directed=False)
    return {key: np.where(own >= 0, merged[np.maximum(own, 0)], -1) for key, own in numbers.items()}, int(
        merged_count
    )


def _same_pairs(
    tables: Mapping[str, pd.DataFrame],
    specification: Specification,
    relation: Relation,
    numbers: Mapping[tuple[str, str], np.ndarray],
) -> np.ndarray:
    left_dimensions = specification.dimensions(relation.table_name)
    shared = [name for name in specification.dimensions(relation.other_table) if name in left_dimensions]
    left = tables[relation.table_name][shared].assign(left=numbers[relation.table_name, relation.column_name])
    right = tables[relation.other_table].assign(right=numbers[relation.other_table, relation.other_column])
    right = right[rows_where(right, relation.other_where)]
    both = left.merge(right[[*shared, "right"]], on=shared)
    both = both[(both["left"] >= 0) & (both["right"] >= 0)]
    return both[["left", "right"]].to_numpy().T


def rows_where(frame: pd.DataFrame, condition: str) -> np.ndarray:
    """The rows that `column=code` holds for; all without a condition (a row of booleans)."""
    if not condition:
        return np.ones(len(frame), dtype=bool)
    name, _, code = condition.partition("=")
    return (frame[name] == code).to_numpy()


def _row(
    frame: pd.DataFrame,
    specification: Specification,
    relation: Relation,
    numbers: Mapping[tuple[str, str], np.ndarray],
) -> Terms:
    table = relation.table_name
    columns = [(1, numbers[table, relation.column_name])]
    columns += [(-sign, numbers[table, name]) for sign, name in relation.signed_terms]
    return _stack(columns)


def _balance(
    frame: pd.DataFrame,
    specification: Specification,
    relation: Relation,
    numbers: Mapping[tuple[str, str], np.ndarray],
) -> Terms:
    """Month against the month before, in the rows of the total, whose members do not move between segments."""
    table = relation.table_name
    others = [name for name in specification.dimensions(table) if name != _MONTH]
    own = frame[[_MONTH, *others]].assign(row=np.arange(len(frame)))[frame["segment_type"] == "total"]
    before = own.assign(**{_MONTH: own[_MONTH] + pd.DateOffset(months=1)})
    pairs = own.merge(before, on=[_MONTH, *others], suffixes=("", "_before"))
    now, then = pairs["row"].to_numpy(), pairs["row_before"].to_numpy()
    stock = numbers[table, relation.column_name]
    columns = [(1, stock[now]), (-1, stock[then])]
    columns += [(-sign, numbers[table, name][now]) for sign, name in relation.signed_terms]
    return _stack(columns)


def _over(
    frame: pd.DataFrame,
    specification: Specification,
    relation: Relation,
    numbers: Mapping[tuple[str, str], np.ndarray],
) -> Terms:
    summed = relation.over.split(",")
    others = [name for name in specification.dimensions(relation.table_name) if name not in summed]
    rows = frame[[*others, *summed]].assign(cell=numbers[relation.table_name, relation.column_name])
    is_total = (rows[summed] == relation.total).all(axis=1)
    totals = rows.loc[is_total, [*others, "cell"]].rename(columns={"cell": "whole"})
    # A pair (type, code) adds up within each type.
    parts = rows[~is_total].merge(totals, on=others)
    return _grouped(parts, [*others, *summed[:-1]])


def _cross(
    frame: pd.DataFrame,
    specification: Specification,
    relation: Relation,
    numbers: Mapping[tuple[str, str], np.ndarray],
) -> Terms:
    others = ["unit", _MONTH]
    rows = frame.assign(cell=numbers[relation.table_name, relation.column_name])
    is_crossed = rows["crossed_type"] != "total"
    margins = rows[~is_crossed].drop(columns=["crossed_type", "crossed_segment"])
    margins = margins.rename(columns={"segment_type": "crossed_type", "segment": "crossed_segment", "cell": "whole"})
    keys = [*others, "crossed_type", "crossed_segment"]
    parts = rows[is_crossed].merge(margins[[*keys, "whole"]], on=keys)
    return _grouped(parts, [*keys, "segment_type"])


def _grouped(parts: pd.DataFrame, keys: list[str]) -> Terms:
    """One sum per group: the whole less its parts; a group with a cell outside the system says nothing."""
    parts = parts.assign(group=parts.groupby(keys).ngroup())
    known = parts.groupby("group")[["cell", "whole"]].transform("min").min(axis=1) >= 0
    parts = parts[known]
    wholes = parts.drop_duplicates("group")
    return Terms(
        np.concatenate([wholes["group"], parts["group"]]),
        np.concatenate([wholes["whole"], parts["cell"]]).astype("int64"),
        np.concatenate([np.ones(len(wholes)), -np.ones(len(parts))]),
    )


def _stack(columns: list[tuple[int, np.ndarray]]) -> Terms:
    """One sum per row, of the rows whose cells are all in the system."""
    cells = np.array([cells for _, cells in columns])
    cells = cells[:, (cells >= 0).all(axis=0)]
    signs = np.array([sign for sign, _ in columns], dtype="float64")
    size = cells.shape[1]
    return Terms(np.tile(np.arange(size), len(columns)), cells.ravel(), np.repeat(signs, size))


_BUILDERS = {"row": _row, "balance": _balance, "over": _over, "cross": _cross, "at_most": _row}


def _matrix(sums: list[tuple[str, Terms]], count: int) -> tuple[csr_array, list[str]]:
    """One row per sum, and the name of the relation that each row comes from."""
    names: list[str] = []
    rows, cells, signs = [], [], []
    for name, terms in sums:
        numbered, position = np.unique(terms.sum_of, return_inverse=True)
        rows.append(position + len(names))
        cells.append(terms.cell)
        signs.append(terms.sign)
        names += [name] * len(numbered)
    if not names:
        return csr_array((0, count)), names
    entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(cells)))
    return coo_array(entries, shape=(len(names), count)).tocsr(), names
