"""The attack from files to verdict: what is left of each hidden figure, and what gives itself away without a sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synchro.attack.figures import ORIGIN, PROTECTED, Figures, read_figures
from synchro.attack.reading import read_vintages
from synchro.attack.relations import Relation, equalities, relations_of
from synchro.attack.shares import tighten_by_shares
from synchro.attack.system import attacker
from synchro.disclosure.solver import Ranges

Progress = Callable[[str, int, int], None]

# Sums of four figures rounded one by one come out exact seven times in ten; as many in a row are no accident.
_LONG_SUM, _ENOUGH_SUMS = 4, 24


@dataclass(frozen=True)
class ColumnReport:
    """What is left of the hidden figures of one column; `smallest` is the fewest possible values of one of them."""

    table: str
    column: str
    shown: int
    hidden: int
    determined: int
    few_candidates: int
    all_small: int
    unsafe: int
    smallest: int | None


@dataclass(frozen=True)
class Report:
    """The verdict, on so many figures shown or hidden and so many sums that tie them.

    `ranges`: one row per hidden figure with its dimensions, low, high, candidates, is_exact, is_safe.
    """

    vintages: list[str]
    figures: int
    sums: int
    columns: list[ColumnReport]
    findings: list[str]
    ranges: pd.DataFrame

    @property
    def unsafe(self) -> int:
        """How many hidden figures are given away."""
        return sum(column.unsafe for column in self.columns)

    @property
    def is_safe(self) -> bool:
        """Nothing is given away, by a sum or without one."""
        return not self.unsafe and not self.findings


def attack(
    paths: Sequence[Path], *, assume_unrevised: bool = False, is_exact: bool = False, progress: Progress | None = None
) -> Report:
    """Attack the publications in `paths` (or in the folders of vintages given), all together.

    `assume_unrevised`: take two vintages to speak of the same persons wherever that can be; a stronger guess, which
    may be wrong. `is_exact`: reach both ends of every range (slow). Raises SynchroError: NO_PUBLICATION, NOT_PUBLIC,
    DICTIONARY, UNREADABLE, NO_FIGURES, INCONSISTENT.
    """
    report = progress or (lambda *_: None)
    report("Lecture", 0, 3)
    vintages = read_vintages(paths)
    figures = read_figures(vintages)
    parameters = vintages[-1].disclosure["parameters"]
    low, high, leaks = tighten_by_shares(figures, vintages, figures.low, figures.high)
    report("Relations", 1, 3)
    system = attacker(figures, vintages, low, high, assume_unrevised)
    report("Résolution", 2, 3)
    targets = np.flatnonzero(figures.is_hidden)
    ranges = system.ranges(targets, parameters["least_candidates"], is_exact)
    report("Résolution", 3, 3)
    rows = _rows(figures, targets, ranges, [vintage.name for vintage in vintages])
    findings = [*_readable(figures, parameters), *_symbols(figures), *_added_up(figures, relations_of(vintages))]
    named = sorted({f"{leak.table}.{leak.column}" for leak in leaks})
    findings += [f"{name} : des taux qui ne sont pas ceux des effectifs affichés" for name in named]
    return Report(
        [vintage.name for vintage in vintages],
        int((figures.is_shown | figures.is_hidden).sum()),
        system.equal.count + system.at_most.count,
        _columns(figures, rows, parameters),
        findings,
        rows,
    )


def _rows(figures: Figures, targets: np.ndarray, ranges: Ranges, names: list[str]) -> pd.DataFrame:
    """One row per hidden figure, in the order of tables, columns and rows."""
    found = pd.DataFrame(
        {
            "low": ranges.low,
            "high": ranges.high,
            "candidates": ranges.candidates,
            "is_exact": ranges.is_exact,
            "is_safe": ranges.is_safe,
        },
        index=targets,
    )
    parts = []
    for (table, column), numbers in figures.numbers.items():
        inside = np.flatnonzero(figures.is_hidden[numbers])
        frame = figures.tables[table].iloc[inside]
        own = frame[figures.dimensions[table]].reset_index(drop=True)
        own.insert(0, "vintage", [names[origin] for origin in frame[ORIGIN]])
        own.insert(0, "column", column)
        own.insert(0, "table", table)
        parts.append(pd.concat([own, found.loc[numbers[inside]].reset_index(drop=True)], axis=1))
    return pd.concat(parts, ignore_index=True)


def _columns(figures: Figures, rows: pd.DataFrame, parameters: dict[str, int]) -> list[ColumnReport]:
    reports = []
    for (table, column), numbers in figures.numbers.items():
        own = rows[(rows["table"] == table) & (rows["column"] == column)]
        reports.append(
            ColumnReport(
                table,
                column,
                shown=int(figures.is_shown[numbers].sum()),
                hidden=len(own),
                determined=int((own["candidates"].eq(1) & ~own["is_safe"]).sum()),
                few_candidates=int(own["candidates"].lt(parameters["least_candidates"]).sum()),
                all_small=int(own["high"].le(parameters["largest_low_maximum"]).sum()),
                unsafe=int((~own["is_safe"]).sum()),
                smallest=int(own["candidates"].min()) if len(own) else None,
            )
        )
    return reports


def _readable(figures: Figures, parameters: dict[str, int]) -> list[str]:
    """Shown figures that say by themselves too closely what they are: not rounded, or too small."""
    findings = []
    for (table, column), numbers in figures.numbers.items():
        values = figures.high[numbers] - figures.low[numbers] + 1
        # Nobody is behind a zero that cannot be otherwise; zeros of another kind are for `synchro scan`.
        is_close = figures.is_shown[numbers] & (values < parameters["least_candidates"])
        count = int((is_close & (figures.displayed[numbers] != 0)).sum())
        if count:
            findings.append(f"{table}.{column} : {count} effectif(s) affiché(s) non arrondi(s) ou trop petit(s)")
    return findings


def _symbols(figures: Figures) -> list[str]:
    others = [symbol for symbol in figures.symbols if symbol != PROTECTED]
    if not others:
        return []
    return ["des cases masquées ont un autre symbole que le secret : il dit laquelle l'est par elle-même"]


def _added_up(figures: Figures, relations: Sequence[Relation]) -> list[str]:
    """Totals made of rounded parts: each relation whose sums of displayed figures all come out exact."""
    findings = []
    for relation in relations:
        sums = equalities(figures, [relation])
        is_complete = np.bincount(sums.row, ~figures.is_shown[sums.cell], sums.count) == 0
        is_long = np.bincount(sums.row, figures.displayed[sums.cell] > 0, sums.count) >= _LONG_SUM
        left = (sums.matrix(figures.count) @ np.nan_to_num(figures.displayed))[is_complete & is_long]
        if len(left) >= _ENOUGH_SUMS and not left.any():
            name = f"{relation['table']}.{relation['column']}"
            findings.append(
                f"{name} : des totaux affichés sont la somme des parties arrondies, non leur vraie valeur"
            )
    return sorted(set(findings))
