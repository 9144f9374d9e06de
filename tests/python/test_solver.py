"""The ranges that remain: equal to those found by trying every list of integers, and fast on a year of tables."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publication_systems import constraints, displayed, possible_values, year_of_tables
from synchro.disclosure.propagation import propagate
from synchro.disclosure.solver import Ranges, remaining_ranges
from synchro.errors import SynchroError

# A cross of 2 x 2 with its margins and total: cells 0-3 inside, 4-5 lines, 6-7 columns, 8 total.
CROSS = constraints(
    9,
    [
        [(0, 1), (1, 1), (4, -1)],
        [(2, 1), (3, 1), (5, -1)],
        [(0, 1), (2, 1), (6, -1)],
        [(1, 1), (3, 1), (7, -1)],
        [(4, 1), (5, 1), (8, -1)],
        [(6, 1), (7, 1), (8, -1)],
    ],
)


def assert_exact(ranges: Ranges, possible: list[set[int]], least: int = 5) -> None:
    assert ranges.low.tolist() == [min(values) for values in possible]
    assert ranges.high.tolist() == [max(values) for values in possible]
    assert ranges.is_exact.all()
    assert ranges.is_safe.tolist() == [len(values) >= least for values in possible]


def test_a_lone_hidden_cell_in_exact_totals_is_determined() -> None:
    system = constraints(4, [[(0, 1), (1, 1), (2, 1), (3, -1)]])
    ranges = remaining_ranges(system, np.array([40, 3 * 5, 0, 58]), np.array([40, 15, np.inf, 58]), np.array([2]))
    assert (ranges.low[0], ranges.high[0], ranges.candidates[0], ranges.is_safe[0]) == (3, 3, 1, False)


def test_a_hidden_cell_that_nothing_bounds_has_no_upper_end() -> None:
    system = constraints(2, [], [[(0, 1), (1, -1)]])
    ranges = remaining_ranges(system, np.array([0, 0]), np.array([np.inf, np.inf]), np.array([0, 1]), is_exact=True)
    assert ranges.high.tolist() == [np.inf, np.inf]
    assert ranges.is_safe.all()


def test_figures_that_contradict_each_other_are_refused() -> None:
    system = constraints(2, [[(0, 1), (1, -1)]])
    with pytest.raises(SynchroError) as refused:
        remaining_ranges(system, np.array([13, 28]), np.array([17, 32]), np.array([0]))
    assert refused.value.code == "INCONSISTENT"


def test_values_between_the_ends_that_no_solution_takes_are_not_counted() -> None:
    """x = 3y: between 0 and 9 only four values are possible, though the ends are far apart."""
    system = constraints(2, [[(0, 1), (1, -3)]])
    ranges = remaining_ranges(system, np.array([0, 0]), np.array([9, 3]), np.array([0]))
    assert (ranges.low[0], ranges.high[0], ranges.candidates[0], ranges.is_safe[0]) == (0, 9, 4, False)


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    slacks=st.lists(st.integers(0, 2), min_size=9, max_size=9),
    hidden=st.sets(st.integers(0, 8), min_size=1),
    upper=st.integers(3, 5),
)
def test_ranges_of_a_small_cross_are_those_of_enumeration(
    cells: list[int], slacks: list[int], hidden: set[int], upper: int
) -> None:
    a, b, c, d = cells
    truth = np.array([a, b, c, d, a + b, c + d, a + c, b + d, a + b + c + d])
    low = np.maximum(truth - slacks, 0)
    high = (truth + slacks).astype(float)
    low[list(hidden)], high[list(hidden)] = 0, np.maximum(truth, upper)[list(hidden)]
    # The margins follow from the inside: enumerating the four cells inside is enough.
    inside = [np.arange(int(low[cell]), int(high[cell]) + 1) for cell in range(4)]
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*inside)])
    w, x, y, z = grid
    whole = np.stack([w, x, y, z, w + x, y + z, w + y, x + z, w + x + y + z])
    fits = whole[:, np.all((low <= whole.T) & (high >= whole.T), axis=1)]
    targets = np.array(sorted(hidden))
    assert_exact(
        remaining_ranges(CROSS, low, high, targets, is_exact=True), [set(fits[cell].tolist()) for cell in targets]
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_ranges_of_a_random_system_are_those_of_enumeration(data: st.DataObject) -> None:
    """Any weights, any signs: rows are made to hold for a truth, with one slack cell each to absorb what is left."""
    truth = data.draw(st.lists(st.integers(0, 4), min_size=5, max_size=5))
    weight = st.integers(-2, 2)
    equality = data.draw(st.lists(weight, min_size=5, max_size=5))
    inequality = data.draw(st.lists(weight, min_size=5, max_size=5))
    left = int(np.dot(equality, truth))
    truth.append(abs(left))
    rows = [[*((cell, value) for cell, value in enumerate(equality) if value), (5, -1 if left > 0 else 1)]]
    over = [(cell, value) for cell, value in enumerate(inequality) if value]
    if np.dot(inequality, truth[:5]) > 0:
        over = [(cell, -value) for cell, value in over]
    system = constraints(6, rows, [over])
    low = np.array([max(0, value - data.draw(st.integers(0, 3))) for value in truth])
    high = np.array([value + data.draw(st.integers(0, 3)) for value in truth], dtype=float)
    possible = possible_values(system, low, high)
    assert_exact(remaining_ranges(system, low, high, np.arange(6), is_exact=True), possible)
    quick = remaining_ranges(system, low, high, np.arange(6))
    assert quick.is_safe.tolist() == [len(values) >= 5 for values in possible]
    assert all(
        quick.low[cell] <= min(values) and max(values) <= quick.high[cell] for cell, values in enumerate(possible)
    )
    bounds = propagate(system.at_most_zero, low, high)
    assert all(bounds[0][c] <= min(values) and max(values) <= bounds[1][c] for c, values in enumerate(possible))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), people=st.sampled_from([60, 400, 3000]))
def test_truth_lies_inside_every_range(seed: int, people: int) -> None:
    truth, system = year_of_tables(1, seed, people)
    is_shown, low, high = displayed(truth)
    hidden = np.flatnonzero(~is_shown)
    ranges = remaining_ranges(system, low, high, hidden)
    assert np.all(ranges.low <= truth[hidden])
    assert np.all(truth[hidden] <= ranges.high)


def test_the_answer_does_not_depend_on_the_order_of_rows() -> None:
    truth, system = year_of_tables(1, seed=5)
    is_shown, low, high = displayed(truth)
    hidden = np.flatnonzero(~is_shown)
    turned = type(system)(system.equalities[::-1], system.inequalities)
    one, other = (remaining_ranges(each, low, high, hidden) for each in (system, turned))
    assert one.is_safe.tolist() == other.is_safe.tolist()


def test_a_year_of_tables_takes_less_than_a_minute() -> None:
    truth, system = year_of_tables(38, seed=1)
    assert len(truth) > 10_000
    is_shown, low, high = displayed(truth)
    hidden = np.flatnonzero(~is_shown)
    # The processor's time, not the clock's: other work on the machine is not the solver's.
    start = time.process_time()
    ranges = remaining_ranges(system, low, high, hidden)
    seconds = time.process_time() - start
    print(f"{len(truth)} figures, {len(hidden)} hidden, {np.sum(~ranges.is_safe)} unsafe: {seconds:.1f} s")
    assert np.all((ranges.low <= truth[hidden]) & (truth[hidden] <= ranges.high))
    assert seconds < 60
