"""A published table against the closed list: its columns, and every cell by the rule of its column."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from synchro.scan.rules import Rules

_STATUS = "_status"
_SHOWN = "shown"
_STATUSES = {_SHOWN, "protected", "not_delivered", "not_collected", "not_yet_known", "not_published"}
# Two figures of vintages side by side, in a table that is made of published ones.
REVISIONS = "ind_revisions"
_REVISED = ("first_figure", "current_figure")
_EPSILON = 1e-9

Check = Callable[[pd.DataFrame, dict[str, str], Rules], np.ndarray]


def check_table(name: str, frame: pd.DataFrame, rules: Rules) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) for everything in a table that the closed list does not let out."""
    if name == REVISIONS:
        yield from _check_revisions(frame, rules)
        return
    if name not in rules.tables:
        yield "", "table hors de la liste fermée"
        return
    listed = {rule["column"]: rule for rule in rules.columns(name)}
    if not listed:
        # A table published whole speaks of no person: labels, calendar, follow-up of the programme.
        counts = set(frame.columns).intersection(rules.count_names)
        yield from ((column, "un effectif dans une table sans effectif") for column in sorted(counts))
        return
    measures = {column for column, rule in listed.items() if rule["role"] not in ("dimension", "label")}
    known = {*listed, *(column + _STATUS for column in measures)}
    yield from ((column, "colonne hors de la liste fermée") for column in frame.columns if column not in known)
    for column in measures.intersection(frame.columns):
        rule = listed[column]
        yield from _check_status(frame, column)
        for what, check in _CHECKS.get(rule["role"], ()):
            if check(frame, rule, rules).any():
                yield column, what
    if not _axes(name, frame) <= rules.axes and name in {axis[0] for axis in rules.axes}:
        yield "segment_type", "découpage hors de la liste fermée : deux découpages se soustraient l'un à l'autre"
    dimensions = [rule["column"] for rule in rules.columns(name, "dimension")]
    if rules.tables[name] == "figures" and not _is_complete(frame, dimensions):
        yield "", "grille incomplète : une ligne absente ou présente en dit autant qu'un effectif"


def _check_revisions(frame: pd.DataFrame, rules: Rules) -> Iterator[tuple[str, str]]:
    for column in _REVISED:
        if column in frame:
            values = _numbers(frame, column)
            if (~np.isnan(values) & (values != 0) & ~rules.is_displayable(values)).any():
                yield column, "effectif non arrondi ou trop petit"


def _numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    return pd.to_numeric(frame[column], errors="coerce").astype("float64").to_numpy()


def _check_status(frame: pd.DataFrame, column: str) -> Iterator[tuple[str, str]]:
    if column + _STATUS not in frame:
        yield column, "aucune colonne ne dit pourquoi une case est vide"
        return
    statuses = frame[column + _STATUS].astype("object")
    if not set(statuses.dropna()) <= _STATUSES or statuses.isna().any():
        yield column, "un symbole hors de la liste : il distingue des cases masquées"
    if ((statuses == _SHOWN) != frame[column].notna()).any():
        yield column, "une valeur dans une case masquée, ou une case vide dite montrée"


def _is_wrong_count(frame: pd.DataFrame, rule: dict[str, str], rules: Rules) -> np.ndarray:
    values = _numbers(frame, rule["column"])
    name, _, code = rule.get("zero_where", "").partition("=")
    is_structural = (values == 0) & ((frame[name] == code).to_numpy() if name else False)
    return ~np.isnan(values) & ~is_structural & ~rules.is_displayable(values)


def _is_out_of_scope(frame: pd.DataFrame, rule: dict[str, str], rules: Rules) -> np.ndarray:
    if not rule.get("scope") or "segment_type" not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame[rule["column"]].notna().to_numpy() & (frame["segment_type"] != rule["scope"]).to_numpy()


def _is_wrong_share(frame: pd.DataFrame, rule: dict[str, str], rules: Rules) -> np.ndarray:
    """Anything but whole percents of the displayed counts, or all of them."""
    shares = _numbers(frame, rule["column"])
    parts = [rule["numerator"], rule["denominator"]]
    if not set(parts) <= set(frame.columns):
        return ~np.isnan(shares)
    top, bottom = (_numbers(frame, part) for part in parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.round(100 * top / bottom) / 100
    return ~np.isnan(shares) & ~((np.abs(shares - expected) < _EPSILON) & (expected < 1))


def _is_off_step(frame: pd.DataFrame, rule: dict[str, str], rules: Rules) -> np.ndarray:
    values, step = _numbers(frame, rule["column"]), float(rule["step"])
    return ~np.isnan(values) & (np.mod(values, step) != 0)


def _is_small(frame: pd.DataFrame, rule: dict[str, str], rules: Rules) -> np.ndarray:
    values = _numbers(frame, rule["column"])
    return ~np.isnan(values) & (values < rules.first_shown)


def _axes(name: str, frame: pd.DataFrame) -> set[tuple[str, ...]]:
    axes = [frame.get(column, pd.Series("", frame.index)) for column in ("unit", "segment_type", "crossed_type")]
    return {(name, *values) for values in pd.concat(axes, axis=1).drop_duplicates().itertuples(index=False)}


def _is_complete(frame: pd.DataFrame, dimensions: list[str]) -> bool:
    """Every month has the same rows, each once."""
    if "reference_month" not in dimensions or not set(dimensions) <= set(frame.columns):
        return False
    others = [name for name in dimensions if name != "reference_month"]
    months, kinds = frame["reference_month"].nunique(), len(frame[others].drop_duplicates())
    return len(frame) == months * kinds and not frame.duplicated(dimensions).any()


_CHECKS: dict[str, tuple[tuple[str, Check], ...]] = {
    "count": (
        ("effectif non arrondi ou trop petit", _is_wrong_count),
        ("effectif montré à un niveau de détail qui n'est pas publié", _is_out_of_scope),
    ),
    "share": (("taux qui n'est pas celui des effectifs affichés, en pour cent entiers", _is_wrong_share),),
    "statistic": (("statistique non arrondie", _is_off_step),),
    "estimate": (
        ("estimation non arrondie", _is_off_step),
        ("estimation trop petite", _is_small),
        ("estimation montrée à un niveau de détail qui n'est pas publié", _is_out_of_scope),
    ),
}
