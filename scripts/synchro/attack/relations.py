"""How figures hang together, as rows of a linear system: what the dictionary says, and what anybody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from synchro.attack.figures import ORIGIN, Figures
from synchro.attack.reading import MONTH, Vintage

Relation = dict[str, str]

# Nobody changes sex in the list: what comes in and goes out of each is a balance, as for the whole.
_BALANCED_SEGMENTS = ("total", "sex")
# A household has a person at least: no stock of households is larger than that of persons.
_STOCKS = ("active_end", "active_count")


@dataclass(frozen=True)
class Rows:
    """Sums of unknowns: entry i adds `weight[i]` times unknown `cell[i]` to sum `row[i]` (from 0 on, all used)."""

    row: np.ndarray
    cell: np.ndarray
    weight: np.ndarray

    @property
    def count(self) -> int:
        """How many sums there are."""
        return int(self.row.max()) + 1 if len(self.row) else 0

    def where(self, is_kept: np.ndarray) -> Rows:
        """The sums marked true (count,), numbered anew."""
        inside = is_kept[self.row]
        return Rows((np.cumsum(is_kept) - 1)[self.row[inside]], self.cell[inside], self.weight[inside])

    def matrix(self, unknowns: int) -> csr_array:
        """As (sums, unknowns)."""
        return csr_array(coo_array((self.weight, (self.row, self.cell)), shape=(self.count, unknowns)))


def stack(parts: list[Rows]) -> Rows:
    """One after the other."""
    starts = np.cumsum([0, *(part.count for part in parts)])
    return Rows(
        np.concatenate([part.row + start for part, start in zip(parts, starts, strict=False)], dtype=int),
        np.concatenate([part.cell for part in parts], dtype=int),
        np.concatenate([part.weight for part in parts], dtype=float),
    )


_NONE = Rows(np.empty(0, int), np.empty(0, int), np.empty(0, float))


def relations_of(vintages: Sequence[Vintage]) -> list[Relation]:
    """Those of every dictionary: what an older one told is still known."""
    told = [relation for vintage in vintages for relation in vintage.disclosure["relations"]]
    return list({tuple(sorted(relation.items())): relation for relation in told}.values())


def equalities(figures: Figures, relations: list[Relation]) -> Rows:
    """Sums that are zero within what one vintage first showed."""
    builders = {"row": _row, "over": _over, "cross": _cross, "balance": _balance, "same": _same}
    parts = [builders[each["kind"]](figures, each) for each in relations if each["kind"] in builders]
    return _telling(figures, stack([*parts, _NONE]))


def inequalities(figures: Figures, relations: list[Relation]) -> Rows:
    """Sums that are zero at most."""
    parts = [_row(figures, each) for each in relations if each["kind"] == "at_most"]
    return _telling(figures, stack([*parts, *_households_are_fewer(figures), _NONE]))


def across_vintages(figures: Figures, relations: list[Relation]) -> Rows:
    """Sums that are zero if nothing was revised: two readings of a month, and a month after one shown earlier."""
    parts = [_two_readings(figures, *key) for key in figures.numbers]
    parts += [_balance(figures, each, is_across=True) for each in relations if each["kind"] == "balance"]
    return _telling(figures, stack([*parts, _NONE]))


def _telling(figures: Figures, rows: Rows) -> Rows:
    """Without the sums all of whose cells but one are empty for want of a figure: they say nothing."""
    says = (figures.is_shown | figures.is_hidden)[rows.cell]
    return rows.where(np.bincount(rows.row[says], minlength=rows.count) > 1)


def _frame(figures: Figures, table: str, column: str) -> pd.DataFrame | None:
    """The dimensions of a table, the vintage they come from and the unknown of a column; None where there is none."""
    if (table, column) not in figures.numbers:
        return None
    columns = [*figures.dimensions[table], ORIGIN]
    return figures.tables[table][columns].assign(cell=figures.numbers[table, column])


def _signed(relation: Relation) -> list[tuple[int, str]]:
    return [(-1 if term.startswith("-") else 1, term.lstrip("+-")) for term in relation["terms"].split()]


def _row(figures: Figures, relation: Relation) -> Rows:
    table = relation["table"]
    columns = [(1, relation["column"]), *((-sign, name) for sign, name in _signed(relation))]
    if any((table, name) not in figures.numbers for _, name in columns):
        return _NONE
    return _side_by_side([(sign, figures.numbers[table, name]) for sign, name in columns])


def _side_by_side(columns: list[tuple[int, np.ndarray]]) -> Rows:
    """One sum per position of these arrays of cells, each with its sign."""
    size = len(columns[0][1])
    return Rows(
        np.tile(np.arange(size), len(columns)),
        np.concatenate([cells for _, cells in columns]),
        np.repeat([float(sign) for sign, _ in columns], size),
    )


def _over(figures: Figures, relation: Relation) -> Rows:
    frame = _frame(figures, relation["table"], relation["column"])
    if frame is None:
        return _NONE
    summed = relation["over"].split(",")
    others = [name for name in frame.columns.drop("cell") if name not in summed]
    is_whole = (frame[summed] == relation["total"]).all(axis=1)
    # A type and its code: each type is a whole of its own.
    return _wholes_and_parts(frame[is_whole], frame[~is_whole], others, summed[:-1])


def _cross(figures: Figures, relation: Relation) -> Rows:
    """A crossing summed over its first axis is what the second axis shows by itself."""
    frame = _frame(figures, relation["table"], relation["column"])
    if frame is None:
        return _NONE
    is_crossed = frame["crossed_type"] != "total"
    alone = frame[~is_crossed].drop(columns=["crossed_type", "crossed_segment"])
    alone = alone.rename(columns={"segment_type": "crossed_type", "segment": "crossed_segment"})
    return _wholes_and_parts(alone, frame[is_crossed], list(alone.columns.drop("cell")), ["segment_type"])


def _wholes_and_parts(wholes: pd.DataFrame, parts: pd.DataFrame, keys: list[str], within: list[str]) -> Rows:
    """A whole per `keys` is the sum of the parts of the same keys, apart for each value of `within`."""
    joined = parts.merge(wholes[[*keys, "cell"]], on=keys, suffixes=("", "_whole"))
    group = joined.groupby([*keys, *within], sort=False).ngroup().to_numpy()
    _, first = np.unique(group, return_index=True)
    return Rows(
        np.concatenate([group, group[first]]),
        np.concatenate([joined["cell"], joined["cell_whole"].to_numpy()[first]]),
        np.concatenate([np.ones(len(group)), -np.ones(len(first))]),
    )


def _balance(figures: Figures, relation: Relation, is_across: bool = False) -> Rows:
    """A month and the one before: of one vintage or, `is_across`, as the one before was last shown by then."""
    table, terms = relation["table"], _signed(relation)
    frame = _frame(figures, table, relation["column"])
    if frame is None or any((table, name) not in figures.numbers for _, name in terms):
        return _NONE
    frame = frame.assign(**{name: figures.numbers[table, name] for _, name in terms})
    if "segment_type" in frame:
        frame = frame[frame["segment_type"].isin(_BALANCED_SEGMENTS)]
    keys = figures.dimensions[table]
    before = frame[[*keys, ORIGIN, "cell"]].assign(**{MONTH: frame[MONTH] + pd.DateOffset(months=1)})
    pairs = frame.merge(before, on=keys, suffixes=("", "_before"))
    pairs = pairs[pairs[f"{ORIGIN}_before"] <= pairs[ORIGIN]].sort_values(f"{ORIGIN}_before", kind="stable")
    pairs = pairs.drop_duplicates([*keys, ORIGIN], keep="last")
    pairs = pairs[(pairs[f"{ORIGIN}_before"] < pairs[ORIGIN]) == is_across]
    columns = [(1, "cell"), (-1, "cell_before"), *((-sign, name) for sign, name in terms)]
    return _side_by_side([(sign, pairs[name].to_numpy()) for sign, name in columns])


def _same(figures: Figures, relation: Relation) -> Rows:
    left = _frame(figures, relation["table"], relation["column"])
    right = _frame(figures, relation["other_table"], relation["other_column"])
    if left is None or right is None:
        return _NONE
    if relation["other_where"]:
        name, _, code = relation["other_where"].partition("=")
        right = right[right[name] == code]
    shared = [name for name in left.columns.drop("cell") if name in right]
    both = left.merge(right[[*shared, "cell"]], on=shared, suffixes=("", "_other"))
    return _side_by_side([(1, both["cell"].to_numpy()), (-1, both["cell_other"].to_numpy())])


def _two_readings(figures: Figures, table: str, column: str) -> Rows:
    """The same figure in the two vintages that show it one after the other."""
    frame = _frame(figures, table, column).sort_values(ORIGIN, kind="stable")
    earlier = frame.groupby(figures.dimensions[table], sort=False)["cell"].shift()
    is_pair = earlier.notna()
    return _side_by_side([(1, frame["cell"][is_pair].to_numpy()), (-1, earlier[is_pair].astype(int).to_numpy())])


def _households_are_fewer(figures: Figures) -> Iterator[Rows]:
    for table, column in figures.numbers:
        if column not in _STOCKS or "unit" not in figures.dimensions[table]:
            continue
        frame = _frame(figures, table, column)
        types = [name for name in ("segment_type", "crossed_type") if name in frame]
        frame = frame[(frame[types] == "total").all(axis=1)]
        keys = [name for name in frame.columns.drop("cell") if name != "unit"]
        units = [frame.loc[frame["unit"] == unit, [*keys, "cell"]] for unit in ("household", "person")]
        both = units[0].merge(units[1], on=keys, suffixes=("", "_persons"))
        yield _side_by_side([(1, both["cell"].to_numpy()), (-1, both["cell_persons"].to_numpy())])
