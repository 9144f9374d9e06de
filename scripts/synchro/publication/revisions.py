"""`ind_revisions` of the public edition: what was displayed first and what is now, from displayed values alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

TABLE = "ind_revisions"
# The published figures that stand in a column of their own, shares aside, by the indicator they are.
_FIGURES = {
    "ind_monthly_flows": {
        "active_end": "active_end",
        "inflow": "inflow",
        "inflow_returned_from_housing": "inflow_returned_from_housing",
        "outflow": "outflow",
        "outflow_inactive": "outflow_inactive",
    },
    "ind_durations": {"median_days": "median_days_without_home"},
}
TABLES = tuple(_FIGURES)
_KEY = ["reference_month", "unit", "segment_type", "segment", "indicator"]
_SHOWN, _UNEXPLAINED = "shown", "unexplained"

Tables = Mapping[str, pd.DataFrame]


def public_revisions(
    vintages: Iterable[Tables], current: Tables, earlier: pd.DataFrame | None, reasons: pd.DataFrame | None
) -> pd.DataFrame:
    """One row per figure ever displayed: reference_month, unit, segment_type, segment, indicator; `first_figure`,
    `current_figure` (empty if it is no longer displayed) and, where they differ, `reason`.

    `vintages`: the tables `TABLES` of each past vintage, oldest first. A figure that stays as the vintage before had
    it keeps the reason given there (`earlier`, its own table of revisions); a new one takes that of `reasons`, the
    revisions of exact figures, of which nothing else is read.
    """
    now = _displayed(current)
    ever = (
        pd.concat([*map(_displayed, vintages), now]).drop_duplicates(_KEY).rename(columns={"figure": "first_figure"})
    )
    table = ever.merge(now.rename(columns={"figure": "current_figure"}), on=_KEY, how="left")
    known = _of(earlier, ["current_figure", "reason"]).rename(columns={"current_figure": "known", "reason": "kept"})
    table = table.merge(known, on=_KEY, how="left").merge(_of(reasons, ["reason"]), on=_KEY, how="left")
    is_as_before = table["known"].eq(table["current_figure"]) | (
        table["known"].isna() & table["current_figure"].isna()
    )
    stays = is_as_before & table["kept"].notna()
    reason = table["kept"].where(stays, table["reason"].fillna(_UNEXPLAINED))
    table["reason"] = reason.mask(table["first_figure"].eq(table["current_figure"]), None)
    columns = [*_KEY, "first_figure", "current_figure", "reason"]
    return table[columns].sort_values(_KEY, ignore_index=True)


def _displayed(tables: Tables) -> pd.DataFrame:
    """The figures of one edition that are shown: the key, and `figure`."""
    parts = [
        table.loc[table[f"{column}_status"] == _SHOWN, [*_KEY[:-1], column]]
        .rename(columns={column: "figure"})
        .assign(indicator=indicator)
        for name, columns in _FIGURES.items()
        if (table := tables.get(name)) is not None
        for column, indicator in columns.items()
        if column in table
    ]
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in [*_KEY, "figure"]})
    figures = pd.concat(parts) if parts else empty
    figures = _keyed(figures).astype({"figure": float})
    # In the list's first month everybody enters it: those are no entries into homelessness.
    is_first_list = (figures["indicator"] == "inflow") & (
        figures["reference_month"] == figures["reference_month"].min()
    )
    return figures[~is_first_list]


def _of(table: pd.DataFrame | None, columns: list[str]) -> pd.DataFrame:
    if table is None:
        table = pd.DataFrame({name: pd.Series(dtype=object) for name in [*_KEY, *columns]})
    return _keyed(table)[[*_KEY, *columns]].astype({"reason": object})


def _keyed(table: pd.DataFrame) -> pd.DataFrame:
    """The key in the same types, whatever the table was read from."""
    months = pd.to_datetime(table["reference_month"]).astype("datetime64[s]")
    return table.astype(dict.fromkeys(_KEY[1:], object)).assign(reference_month=months)
