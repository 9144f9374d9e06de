"""Bounds that follow line by line: in a sum, what is known of the other cells bounds each cell."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

# Bounds tighten by one at a time in the worst case; a later, exact step does not need the last of them.
_MOST_ROUNDS = 60
# Sums of integers held as floats: far below one, far above rounding errors.
_EPSILON = 1e-6


def propagate(at_most_zero: csr_array, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integer bounds (cells,) implied by `at_most_zero` (rows, cells) x <= 0, one row at a time.

    No integer solution is outside of them; they need not be the tightest. A bound may be infinite.
    Where `low` exceeds `high` in the answer, there is no solution.
    """
    matrix = at_most_zero.tocoo()
    rows, cells, weights = matrix.coords[0], matrix.coords[1], matrix.data.astype(float)
    positive = weights > 0
    low, high = low.astype(float), high.astype(float)
    for _ in range(_MOST_ROUNDS):
        # The least each term can be; a row's least sum without one term bounds that term from above.
        least = weights * np.where(positive, low[cells], high[cells])
        infinite = np.isinf(least)
        finite = np.where(infinite, 0.0, least)
        sums = np.bincount(rows, finite, matrix.shape[0])[rows] - finite
        endless = np.bincount(rows, infinite, matrix.shape[0])[rows] - infinite > 0
        bound = np.where(endless, np.inf, -sums) / weights
        next_low, next_high = low.copy(), high.copy()
        np.minimum.at(next_high, cells[positive], np.floor(bound[positive] + _EPSILON))
        np.maximum.at(next_low, cells[~positive], np.ceil(bound[~positive] - _EPSILON))
        if np.array_equal(next_low, low) and np.array_equal(next_high, high):
            break
        low, high = next_low, next_high
        if np.any(low > high):
            break
    return low, high
