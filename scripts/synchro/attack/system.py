"""The attacker's whole system, and what is left of each hidden figure once it is solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from synchro.attack.figures import Figures
from synchro.attack.reading import Vintage
from synchro.attack.relations import Rows, across_vintages, equalities, inequalities, relations_of, stack
from synchro.disclosure.solver import Constraints, Ranges, inconsistent, remaining_ranges

# What a slack may be at most to be none: figures are integers.
_NONE = 0.5


@dataclass(frozen=True)
class Attacker:
    """Bounds (unknowns,) and sums an attacker holds for true."""

    low: np.ndarray
    high: np.ndarray
    equal: Rows
    at_most: Rows

    def ranges(self, targets: np.ndarray, least_candidates: int, is_exact: bool = False) -> Ranges:
        """What is left of the unknowns `targets`."""
        used = np.unique(np.concatenate([targets, self.equal.cell, self.at_most.cell]))
        place = np.full(len(self.low), -1)
        place[used] = np.arange(len(used))
        equal, at_most = (
            Rows(rows.row, place[rows.cell], rows.weight).matrix(len(used)) for rows in (self.equal, self.at_most)
        )
        return remaining_ranges(
            Constraints(equal, at_most),
            self.low[used],
            self.high[used],
            place[targets],
            least_candidates,
            is_exact,
        )


def attacker(
    figures: Figures, vintages: Sequence[Vintage], low: np.ndarray, high: np.ndarray, assume_unrevised: bool
) -> Attacker:
    """The system of all vintages; `assume_unrevised` adds that nothing was revised, wherever that can be."""
    relations = relations_of(vintages)
    equal, at_most = equalities(figures, relations), inequalities(figures, relations)
    if assume_unrevised:
        guesses = across_vintages(figures, relations)
        equal = stack([equal, guesses.where(_hold(Attacker(low, high, equal, at_most), guesses))])
    return Attacker(low, high, equal, at_most)


def _hold(known: Attacker, guesses: Rows) -> np.ndarray:
    """The guesses (rows,) that can all be true together, as many as an elastic program leaves without slack."""
    count = guesses.count
    if not count:
        return np.zeros(0, dtype=bool)
    unknowns = len(known.low)
    guessed = guesses.matrix(unknowns)
    hard = vstack([known.equal.matrix(unknowns), known.at_most.matrix(unknowns)])
    slack = hstack([eye_array(count), -eye_array(count)])
    rows = vstack([hstack([hard, csr_array((hard.shape[0], 2 * count))]), hstack([guessed, slack])])
    most = np.zeros(rows.shape[0])
    least = most.copy()
    least[known.equal.count : hard.shape[0]] = -np.inf
    result = milp(
        np.concatenate([np.zeros(unknowns), np.ones(2 * count)]),
        integrality=np.concatenate([np.ones(unknowns), np.zeros(2 * count)]),
        bounds=Bounds(
            np.concatenate([known.low, np.zeros(2 * count)]), np.concatenate([known.high, np.full(2 * count, np.inf)])
        ),
        constraints=LinearConstraint(csr_array(rows), least, most),
    )
    if result.x is None:
        raise inconsistent()
    slacks = result.x[unknowns:]
    return slacks[:count] + slacks[count:] < _NONE
