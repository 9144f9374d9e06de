"""Systems of figures small enough to enumerate, and one of the size of a year, for tests of the solver."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.sparse import csr_array

from synchro.disclosure.solver import Constraints

Row = list[tuple[int, int]]


def constraints(cell_count: int, equalities: list[Row], inequalities: list[Row] = ()) -> Constraints:
    """Each row is a list of (cell, weight)."""
    return Constraints(_matrix(cell_count, equalities), _matrix(cell_count, list(inequalities)))


def _matrix(cell_count: int, rows: list[Row]) -> csr_array:
    numbers = [number for number, row in enumerate(rows) for _ in row]
    cells = [cell for row in rows for cell, _ in row]
    weights = [weight for row in rows for _, weight in row]
    return csr_array((np.array(weights, dtype=float), (numbers, cells)), shape=(len(rows), cell_count))


def displayed(truth: np.ndarray, threshold: int = 11, display_from: int = 13) -> tuple[np.ndarray, ...]:
    """What rounding to 5 and hiding small counts leaves: is shown, low, high (cells,)."""
    rounded = 5 * np.round(truth / 5)
    is_shown = truth >= display_from
    low = np.where(is_shown, np.maximum(threshold, rounded - 2), 0).astype(int)
    return is_shown, low, np.where(is_shown, rounded + 2, np.inf)


def possible_values(system: Constraints, low: np.ndarray, high: np.ndarray) -> list[set[int]]:
    """Every value of every cell in any solution, by trying all: `high` must be finite and the box small."""
    spans = [range(int(a), int(b) + 1) for a, b in zip(low, high, strict=True)]
    points = np.array(list(product(*spans)))
    fits = np.all(system.equalities @ points.T == 0, axis=0) & np.all(system.inequalities @ points.T <= 0, axis=0)
    return [set(column.tolist()) for column in points[fits].T]


def year_of_tables(months: int, seed: int, people: int = 3000) -> tuple[np.ndarray, Constraints]:
    """Truth and system of a stock by five segmentations and two crossings a month, tied from month to month."""
    random = np.random.default_rng(seed)
    truth: list[int] = []
    rows: list[Row] = []

    def cell(value: int) -> int:
        truth.append(int(value))
        return len(truth) - 1

    def parts(total: int, shares: np.ndarray) -> list[int]:
        cells = [cell(value) for value in random.multinomial(truth[total], shares)]
        rows.append([(total, -1), *((part, 1) for part in cells)])
        return cells

    stock = cell(people)
    for _ in range(months):
        before = stock
        inflow, outflow = cell(random.binomial(people, 0.06)), cell(random.binomial(people, 0.06))
        stock = cell(truth[before] + truth[inflow] - truth[outflow])
        rows.append([(stock, -1), (before, 1), (inflow, 1), (outflow, -1)])
        for total in (stock, inflow, outflow):
            for count in (7, 12, 7, 3, 13):
                parts(total, random.dirichlet(np.full(count, 0.7)))
        for across in (3, 13):
            lines = [parts(line, random.dirichlet(np.full(across, 0.6))) for line in parts(stock, np.full(7, 1 / 7))]
            for column in zip(*lines, strict=True):
                margin = cell(sum(truth[part] for part in column))
                rows.append([(margin, -1), *((part, 1) for part in column)])
    return np.array(truth), constraints(len(truth), rows)
