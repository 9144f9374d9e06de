"""What a reader can still work out: for each cell, the values that are left when every figure is put together.

Three steps, from cheap to dear. Bounds line by line can prove that few values are left. Whole solutions of the
system, walked from one to the next, each prove a value possible for every cell at once. What neither settles is
asked cell by cell with integer programs.
"""

from __future__ import annotations

from collections.abc import Iterator
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
_PATIENCE = 6
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
        self._matrix = matrix
        self._found: list[set[int]] = [set() for _ in targets]
        self._groups = _groups(matrix, np.flatnonzero(self._low < self._high), self._low)
        self._point = np.where(self._low == self._high, self._low, 0.0)
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
                if not open_numbers:
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
        """Ask for what the walk left open, one cell at a time."""
        group_of = {cell: group for group in self._groups for cell in group.cells}
        for number, cell in enumerate(self._targets):
            group = group_of.get(cell)
            if group is None or (self._is_settled(number) and not is_exact):
                continue
            self._reach_ends(number, cell, group)
            for value in self._untried(number):
                if len(self._found[number]) >= self._least:
                    break
                self._try(number, cell, group, value)

    def ranges(self) -> Ranges:
        """What is known of the targets by now."""
        low, high = self._low[self._targets].astype(int), self._high[self._targets]
        ends = [(min(found), max(found)) for found in self._found]
        candidates = np.array([len(found) for found in self._found], dtype=int)
        is_exact = np.array([(a, b) == end for a, b, end in zip(low, high, ends, strict=True)], dtype=bool)
        return Ranges(low, high, candidates, is_exact, candidates >= self._least)

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
        for number in numbers:
            self._found[number].add(int(self._point[self._targets[number]]))

    def _reach_ends(self, number: int, cell: int, group: _Group) -> None:
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

    def _untried(self, number: int) -> Iterator[int]:
        cell = self._targets[number]
        last = min(self._high[cell], self._low[cell] + _ENDLESS)
        value = int(self._low[cell])
        while value <= last:
            if value not in self._found[number]:
                yield value
            value += 1

    def _try(self, number: int, cell: int, group: _Group, value: int) -> None:
        low, high = self._low.copy(), self._high.copy()
        low[cell] = high[cell] = value
        if group.solve(np.zeros(len(group.cells)), low, high) is not None:
            self._found[number].add(value)


@dataclass(frozen=True)
class _Group:
    """Cells (sorted numbers) that hang together, and the rows (rows, cells) x <= `limits` that tie them."""

    cells: np.ndarray
    rows: csr_array
    limits: np.ndarray

    def solve(self, objective: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """Integers (cells of the group,) that fit and make `objective` least; None when nothing fits."""
        bounds = Bounds(low[self.cells], np.minimum(high[self.cells], _ENDLESS))
        constraints = LinearConstraint(self.rows, ub=self.limits)
        result = milp(objective, integrality=np.ones(len(self.cells)), bounds=bounds, constraints=constraints)
        return None if result.x is None else np.round(result.x)


def _groups(matrix: csr_array, free: np.ndarray, fixed_values: np.ndarray) -> list[_Group]:
    """The free cells cut into groups that no row ties together; what is fixed moves to the right of the rows."""
    is_free = np.zeros(matrix.shape[1], dtype=bool)
    is_free[free] = True
    limits = -(matrix @ np.where(is_free, 0.0, fixed_values))
    rows = csr_array(matrix[:, free])
    count, group_of = connected_components(csr_array(abs(rows).T @ abs(rows)), directed=False)
    groups = []
    for number in range(count):
        inside = np.flatnonzero(group_of == number)
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
