"""What a reader can still work out: for each cell, the values that are left when every figure is put together.

Three steps, from cheap to dear. Bounds line by line can prove that few values are left. Whole solutions of the
system, walked from one to the next, each prove a value possible for every cell at once. What neither settles is
asked cell by cell with integer programs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import connected_components

from synchro.disclosure.propagation import propagate
from synchro.errors import SynchroError

LEAST_CANDIDATES = 5

_SEED = 20240601
# Lengths of the steps from one solution to the next, taken in turn: short ones give neighbouring values.
_STEPS = (1, 2, 4, 1, 3, 8)
# Walking ends when it settles nothing new in as many steps.
_PATIENCE = 4
# Few cells left are sooner asked one by one.
_FEW_OPEN = 20
# Groups smaller than this are solved together: a solver's start costs more than their size.
_SMALL = 500
# How far above its least value a cell is tried value by value.
_FARTHEST = 100
# Stands for "without end" in an integer program, beyond every figure of a territory.
_ENDLESS = 1_000_000


@dataclass(frozen=True)
class Constraints:
    """What is known of all cells together: `equalities` (n, cells) x = 0 and `inequalities` (m, cells) x <= 0."""

    equalities: csr_array
    inequalities: csr_array

    @property
    def at_most_zero(self) -> csr_array:
        """Both kinds as one (2n + m, cells): an equality is two inequalities."""
        return csr_array(vstack([self.equalities, -self.equalities, self.inequalities]))


@dataclass(frozen=True)
class Ranges:
    """For each target: no value outside `low`..`high` is possible; `candidates` values at least are.

    Where `is_exact`, both ends are possible values. `is_safe` where `candidates` reaches what was asked for: as
    many different counts are never all small. `high` may be infinite.
    """

    low: np.ndarray
    high: np.ndarray
    candidates: np.ndarray
    is_exact: np.ndarray
    is_safe: np.ndarray


def remaining_ranges(
    constraints: Constraints,
    low: np.ndarray,
    high: np.ndarray,
    targets: np.ndarray,
    least_candidates: int = LEAST_CANDIDATES,
    is_exact: bool = False,
) -> Ranges:
    """The integers left for each of `targets` (cell numbers) when cells lie in `low`..`high` (cells,).

    By default a target is left as soon as it is known to be safe or not; with `is_exact` both ends of every range
    are reached. Raises SynchroError INCONSISTENT when no list of integers fits.
    """
    search = _Search(constraints, low, high, np.asarray(targets), least_candidates)
    search.walk()
    search.settle(is_exact)
    return search.ranges()


class _Search:
    """Bounds proven from outside, values found from inside, for all targets of one system."""

    def __init__(
        self, constraints: Constraints, low: np.ndarray, high: np.ndarray, targets: np.ndarray, least: int
    ) -> None:
        self._targets = targets
        self._least = least
        matrix = constraints.at_most_zero
        self._low, self._high = propagate(matrix, low, high)
        if np.any(self._low > self._high):
            raise inconsistent()
        self._point = self._low.copy()
        self._found: list[set[int]] = [set() for _ in targets]
        self._groups = _groups(matrix, np.flatnonzero(self._low < self._high), self._low)
        self._take_untied()
        for group in self._groups:
            self._move(group, group.solve(np.zeros(len(group.cells)), self._low, self._high))
        self._note(np.arange(len(targets)))

    def walk(self) -> None:
        """Step from solution to solution, pushing the targets that are not settled up or down at random."""
        random = np.random.default_rng(_SEED)
        for group in self._groups:
            numbers = np.flatnonzero(np.isin(self._targets, group.cells))
            settled_before, idle, step = -1, 0, 0
            while idle < _PATIENCE:
                open_numbers = [number for number in numbers if not self._is_settled(number)]
                if len(open_numbers) <= _FEW_OPEN:
                    break
                settled = sum(min(len(self._found[number]), self._least) for number in numbers)
                idle = idle + 1 if settled == settled_before else 0
                settled_before = settled
                objective = np.zeros(len(group.cells))
                pushed = np.searchsorted(group.cells, self._targets[open_numbers])
                objective[pushed] = random.choice([-1, 1], len(pushed)) * random.uniform(0.5, 1, len(pushed))
                reach = _STEPS[step % len(_STEPS)]
                step += 1
                self._move(group, group.solve(objective, *self._box(reach)))
                self._note(numbers)

    def settle(self, is_exact: bool) -> None:
        """Ask for what the walk left open, one cell at a time: first near the cell, then in the whole group."""
        for group in self._groups:
            near = _Nearby(group)
            for number in np.flatnonzero(np.isin(self._targets, group.cells)):
                if not is_exact and not self._is_settled(number):
                    self._try_values(number, near.around(self._targets[number], self._point))
                if is_exact or not self._is_settled(number):
                    self._reach_ends(number, group)
                    self._try_values(number, group)

    def ranges(self) -> Ranges:
        """What is known of the targets by now."""
        low, high = self._low[self._targets].astype(int), self._high[self._targets]
        ends = [(min(found), max(found)) for found in self._found]
        candidates = np.array([len(found) for found in self._found], dtype=int)
        is_exact = np.array([(a, b) == end for a, b, end in zip(low, high, ends, strict=True)], dtype=bool)
        return Ranges(low, high, candidates, is_exact, candidates >= self._least)

    def _take_untied(self) -> None:
        """Cells that no row ties: every value within their bounds is possible."""
        tied = np.concatenate([group.cells for group in self._groups]) if self._groups else np.array([], dtype=int)
        for number in np.flatnonzero(~np.isin(self._targets, tied)):
            low, high = self._low[self._targets[number]], self._high[self._targets[number]]
            self._found[number].update(range(int(low), int(min(high, low + self._least)) + 1))
            if np.isfinite(high):
                self._found[number].add(int(high))

    def _is_settled(self, number: int) -> bool:
        """Safe, or with too few values left for it to be."""
        cell = self._targets[number]
        return len(self._found[number]) >= min(self._least, self._high[cell] - self._low[cell] + 1)

    def _box(self, reach: int) -> tuple[np.ndarray, np.ndarray]:
        return np.maximum(self._low, self._point - reach), np.minimum(self._high, self._point + reach)

    def _move(self, group: _Group, values: np.ndarray | None) -> None:
        if values is None:
            raise inconsistent()
        self._point[group.cells] = values

    def _note(self, numbers: np.ndarray) -> None:
        for number, value in zip(numbers, self._point[self._targets[numbers]], strict=True):
            self._found[number].add(int(value))

    def _reach_ends(self, number: int, group: _Group) -> None:
        cell = self._targets[number]
        objective = np.zeros(len(group.cells))
        place = np.searchsorted(group.cells, cell)
        for sign, bounds in ((1, self._low), (-1, self._high)):
            objective[place] = sign
            values = group.solve(objective, self._low, self._high)
            self._move(group, values)
            # Held back by the stand-in for "without end", the end that was reached proves nothing.
            is_proven = not np.any((values >= _ENDLESS) & np.isinf(self._high[group.cells]))
            if is_proven:
                bounds[cell] = values[place]
            self._found[number].add(int(values[place]))

    def _try_values(self, number: int, group: _Group) -> None:
        """The values nearest to the lowest possible, until enough are found or none is left near."""
        cell = self._targets[number]
        last = int(min(self._high[cell], self._low[cell] + _FARTHEST))
        for value in range(int(self._low[cell]), last + 1):
            if len(self._found[number]) >= self._least:
                break
            if value not in self._found[number]:
                low, high = self._low.copy(), self._high.copy()
                low[cell] = high[cell] = value
                if group.solve(np.zeros(len(group.cells)), low, high) is not None:
                    self._found[number].add(value)


@dataclass(frozen=True)
class _Group:
    """Cells (sorted numbers) and the rows (rows, cells) x <= `limits` that tie them."""

    cells: np.ndarray
    rows: csr_array
    limits: np.ndarray

    def solve(self, objective: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """Integers (cells of the group,) that fit and make `objective` least; None when nothing fits."""
        bounds = Bounds(low[self.cells], np.minimum(high[self.cells], _ENDLESS))
        constraints = LinearConstraint(self.rows, ub=self.limits)
        result = milp(objective, integrality=np.ones(len(self.cells)), bounds=bounds, constraints=constraints)
        return None if result.x is None else np.round(result.x)


class _Nearby:
    """Small groups around one cell: everything farther than two rows away keeps its value in a known solution."""

    def __init__(self, group: _Group) -> None:
        self._group = group
        self._columns = group.rows.tocsc()

    def around(self, cell: int, point: np.ndarray) -> _Group:
        """The cells within two rows of `cell`, and what is left of their rows when the others stand as in `point`."""
        rows, columns = self._group.rows, self._columns
        inside = np.array([np.searchsorted(self._group.cells, cell)])
        for _ in range(2):
            tying = np.unique(np.concatenate([_entries(columns, place) for place in inside]))
            inside = np.unique(np.concatenate([_entries(rows, row) for row in tying]))
        tying = np.unique(np.concatenate([_entries(columns, place) for place in inside]))
        values = point[self._group.cells]
        values[inside] = 0.0
        part = rows[tying]
        return _Group(
            self._group.cells[inside], csr_array(part[:, inside]), self._group.limits[tying] - part @ values
        )


def _entries(matrix: csr_array, line: int) -> np.ndarray:
    return matrix.indices[matrix.indptr[line] : matrix.indptr[line + 1]]


def _groups(matrix: csr_array, free: np.ndarray, fixed_values: np.ndarray) -> list[_Group]:
    """The free cells that rows tie, cut into groups that no row ties together; small groups are solved as one.

    What is fixed moves to the right of the rows.
    """
    is_free = np.zeros(matrix.shape[1], dtype=bool)
    is_free[free] = True
    limits = -(matrix @ np.where(is_free, 0.0, fixed_values))
    rows = csr_array(matrix[:, free])
    _, group_of = connected_components(csr_array(abs(rows).T @ abs(rows)), directed=False)
    is_tied = np.bincount(rows.indices, minlength=len(free)) > 0
    group_of[np.bincount(group_of)[group_of] < _SMALL] = -1
    groups = []
    for number in np.unique(group_of[is_tied]):
        inside = np.flatnonzero((group_of == number) & is_tied)
        part = csr_array(rows[:, inside])
        kept = np.flatnonzero(np.diff(part.indptr))
        groups.append(_Group(free[inside], csr_array(part[kept]), limits[kept]))
    return groups


def inconsistent() -> SynchroError:
    """No list of integers fits the figures and their relations."""
    return SynchroError(
        "INCONSISTENT",
        "Aucune liste d'effectifs entiers ne vérifie à la fois tous les chiffres publiés et leurs relations",
        todo="vérifier les relations déclarées (dictionary.json) et l'arrondi des effectifs",
    )
