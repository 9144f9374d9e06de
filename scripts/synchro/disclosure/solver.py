"""What a reader can still work out: for each cell, the values that are left when every figure is put together.

Three steps, from cheap to dear. Bounds line by line can prove that few values are left. Whole solutions of the
system, walked from one to the next, each prove a value possible for every cell at once. What neither settles is
asked cell by cell with integer programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import connected_components

from synchro.disclosure.propagation import propagate
from synchro.errors import SynchroError

LEAST_CANDIDATES = 5

_SEED = 20240601
# Lengths of the steps one way, then back: short ones give neighbouring values, one each.
_STEPS = (1, 1, 1, 1, 2, 4)
# Walking ends when it finds nothing new in as many steps.
_PATIENCE = 12
# Under this share of targets left, only what is a few lines away from them moves.
_FEW, _NEAR, _LESS_NEAR = 0.05, 2, 5
# Groups smaller than this are solved together: a solver's start costs more than their size.
_SMALL = 500
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
    are reached. Hiding more only adds solutions: a target once safe stays safe when other cells are hidden, so a
    caller that hides them step by step need only ask again for the others.
    Raises SynchroError INCONSISTENT when no list of integers fits.
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
        self._found: list[set[int]] = [set() for _ in targets]
        self._groups = _groups(matrix, np.flatnonzero(self._low < self._high), self._low)
        self._point = self._low.copy()
        self._take_untied()
        for group in self._groups:
            self._move(group, group.solve(np.zeros(len(group.cells)), self._low, self._high))
        self._note(np.arange(len(targets)))

    def walk(self) -> None:
        """Step from solution to solution, pushing the targets that are not settled up or down at random."""
        random = np.random.default_rng(_SEED)
        for group in self._groups:
            numbers = np.flatnonzero(np.isin(self._targets, group.cells))
            signs = np.ones(len(self._targets))
            best, idle, step = 0, 0, 0
            while idle < _PATIENCE:
                is_open = np.array([not self._is_settled(number) for number in numbers], dtype=bool)
                if not is_open.any():
                    break
                found = sum(min(len(self._found[number]), self._least) for number in numbers)
                best, idle = max(best, found), 0 if found > best else idle + 1
                if step % (2 * len(_STEPS)) == 0:
                    signs = random.choice([-1.0, 1.0], len(signs)) * random.uniform(0.5, 1, len(signs))
                elif step % len(_STEPS) == 0:
                    signs = -signs
                pushed = self._targets[numbers[is_open]]
                part = group.near(pushed, self._point, _NEAR) if np.mean(is_open) < _FEW else group
                objective = np.zeros(len(part.cells))
                objective[np.searchsorted(part.cells, pushed)] = signs[numbers[is_open]]
                self._move(part, part.solve(objective, *self._box(_STEPS[step % len(_STEPS)])))
                self._note(numbers)
                step += 1

    def settle(self, is_exact: bool) -> None:
        """Ask for what the walk left open, one cell at a time: near it, which may do, then with all that is tied."""
        group_of = {cell: group for group in self._groups for cell in group.cells}
        left = [number for number, cell in enumerate(self._targets) if cell in group_of]
        left = [number for number in left if is_exact or not self._is_settled(number)]
        for done, number in enumerate(left):
            cell = self._targets[number]
            group = group_of[cell]
            if not self._is_settled(number):
                self._explore(number, group.near(np.array([cell]), self._point, _LESS_NEAR), left[done:])
            if is_exact or not self._is_settled(number):
                self._low[cell], self._high[cell] = self._explore(number, group, left[done:])

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

    def _note(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._found[number].add(int(self._point[self._targets[number]]))

    def _explore(self, number: int, group: _Group, left: list[int]) -> tuple[float, float]:
        """Find both ends of a target within `group`, then values between them until there are enough.

        What is found on the way counts for all targets `left`.
        """
        cell, found = self._targets[number], self._found[number]
        place = np.searchsorted(group.cells, cell)
        ends = [self._low[cell], self._high[cell]]
        for side, sign in enumerate((1.0, -1.0)):
            objective = np.zeros(len(group.cells))
            objective[place] = sign
            values = group.solve(objective, self._low, self._high)
            self._move(group, values)
            self._note(left)
            # Held back by the stand-in for "without end", the end that was reached proves nothing.
            if not np.any((values >= _ENDLESS) & np.isinf(self._high[group.cells])):
                ends[side] = values[place]
        low, high = self._low.copy(), self._high.copy()
        for value in range(min(found), max(found)):
            if len(found) >= self._least:
                break
            low[cell] = high[cell] = value
            values = None if value in found else group.solve(np.zeros(len(group.cells)), low, high)
            if values is not None:
                self._move(group, values)
                self._note(left)
        return ends[0], ends[1]


@dataclass(frozen=True)
class _Group:
    """Cells (sorted numbers) that hang together, and the rows (rows, cells) x <= `limits` that tie them."""

    cells: np.ndarray
    rows: csr_array
    limits: np.ndarray

    def near(self, cells: np.ndarray, point: np.ndarray, lines_away: int) -> _Group:
        """The cells a few lines away from these; all others are held where they are in `point` (all cells,)."""
        inside = np.isin(self.cells, cells)
        touch = abs(self.rows)
        for _ in range(lines_away):
            inside = (touch.T @ (touch @ inside)) > 0
        lines = (touch @ inside) > 0
        held = np.where(inside, 0.0, point[self.cells])
        limits = (self.limits - self.rows @ held)[lines]
        return _Group(self.cells[inside], csr_array(csr_array(self.rows[lines])[:, inside]), limits)

    def solve(self, objective: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """Integers (cells of the group,) that fit and make `objective` least; None when nothing fits."""
        bounds = Bounds(low[self.cells], np.minimum(high[self.cells], _ENDLESS))
        constraints = LinearConstraint(self.rows, ub=self.limits)
        result = milp(objective, integrality=np.ones(len(self.cells)), bounds=bounds, constraints=constraints)
        return None if result.x is None else np.round(result.x)


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
