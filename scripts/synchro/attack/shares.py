"""What a published share says of its two counts, beyond what the displayed counts already say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

import numpy as np

from synchro.attack.figures import Figures
from synchro.attack.reading import Vintage

# Shares are whole percents at the coarsest, and held as floats.
_LEAST_DIGITS, _EPSILON = 2, 1e-12
# A count that nothing bounds has too many values to try with a share.
_MOST_TRIED = 100_000


@dataclass(frozen=True)
class Leak:
    """A share that is not the one of the displayed counts: it was made of others."""

    table: str
    column: str


def tighten_by_shares(
    figures: Figures, vintages: Sequence[Vintage], low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[Leak]]:
    """Bounds (unknowns,) once every share is read as closely as it is written, and the shares that say something."""
    low, high, leaks = low.copy(), high.copy(), []
    for rule in _rules(vintages):
        table = rule["table"]
        frame = figures.tables[table]
        shares = frame[rule["column"]].astype("float64").to_numpy()
        parts = [figures.numbers.get((table, rule[name])) for name in ("numerator", "denominator")]
        if parts[0] is None:
            continue
        known = None if parts[1] is not None else frame[rule["denominator"]].astype("float64").to_numpy()
        for row in np.flatnonzero(~np.isnan(shares)):
            cells = [own[row] for own in parts if own is not None]
            shown = [*figures.displayed[cells], *([known[row]] if known is not None else [])]
            if (
                not np.isnan(shown).any()
                and shown[1]
                and abs(round(100 * shown[0] / shown[1]) / 100 - shares[row]) < _EPSILON
            ):
                continue
            leaks.append(Leak(table, rule["column"]))
            ends = [(low[cell], high[cell]) for cell in cells] + ([(known[row],) * 2] if known is not None else [])
            fits = np.array(list(_fitting(float(shares[row]), *ends)))
            if len(fits):
                low[cells], high[cells] = fits.min(axis=0)[: len(cells)], fits.max(axis=0)[: len(cells)]
    return low, high, leaks


def _rules(vintages: Sequence[Vintage]) -> list[dict[str, str]]:
    rules = [
        rule
        for vintage in vintages
        for rule in vintage.disclosure["columns"]
        if rule["role"] == "share"
        and {rule["column"], rule["denominator"]} <= set(vintage.tables.get(rule["table"], ()))
        and rule["table"] in vintage.count_tables
    ]
    return list({(rule["table"], rule["column"]): rule for rule in rules}.values())


def _fitting(
    share: float, numerators: tuple[float, float], denominators: tuple[float, float]
) -> Iterator[tuple[int, int]]:
    """The numerators and denominators in these ends whose share is written like this one."""
    if denominators[1] - denominators[0] > _MOST_TRIED:
        return
    digits = max(-Decimal(repr(share)).as_tuple().exponent, _LEAST_DIGITS)
    slack = max(0.5 * 10.0**-digits, _EPSILON) + _EPSILON
    for bottom in range(int(denominators[0]), int(denominators[1]) + 1):
        first = ceil(max(numerators[0], (share - slack) * bottom))
        last = floor(min(numerators[1], (share + slack) * bottom))
        yield from ((top, bottom) for top in range(first, last + 1))
