"""Small publications made by hand, in both editions: 26 months of a steady territory that a test then disturbs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from synchro.brief.series import months_before

LAST = date(2025, 12, 1)
MONTHS = [months_before(LAST, count) for count in range(25, -1, -1)]
SEGMENTS = [("total", "total"), ("sex", "female"), ("sex", "male"), ("age_band", "18_24")]
_STOCKS = {"total": 400, "female": 150, "male": 250, "18_24": 60}
_FLOWS = {"total": 40, "female": 18, "male": 22, "18_24": 20}
# Values go up and down by this, so that there is a usual variation.
_SWING = (0, 2, -2, 1, -1)
_INFLOWS = ("first_list", "newly_identified", "returned_from_housing", "returned_from_inactive")
_OUTFLOWS = ("own_housing", "supported_housing", "inactive", "deceased")
_COUNTS = {
    "ind_monthly_flows": ["active_end", "inflow", "outflow", *(f"inflow_{code}" for code in _INFLOWS)]
    + [f"outflow_{code}" for code in _OUTFLOWS],
    "ind_durations": ["known_count", *(f"over_{months}_months_count" for months in (6, 12, 24))],
    "ind_needs_responses": ["waiting", "new_requests", "answered_as_needed", "answered_otherwise", "refused"],
    "ind_opportunities": ["persons", "households"],
}
_STATUSES = [
    ("shown", "Montré", "", 1),
    ("protected", "Secret statistique", "s", 2),
    ("not_yet_known", "Pas encore connu", "nc", 5),
]

Tables = dict[str, pd.DataFrame]


def tables() -> Tables:
    """Exact tables, by name."""
    return {
        "dim_months": _frame({"reference_month": month, "is_first": month == MONTHS[0]} for month in MONTHS),
        "ind_monthly_flows": _frame(_flows()),
        "ind_durations": _frame(_durations()),
        "ind_needs_responses": _frame(_needs()),
        "ind_opportunities": _frame(_opportunities()),
        "ind_reliability": _frame(_reliability()),
        "dq_calendar": _frame(_calendar()),
        "voc_sex": _labels(female="Femme", male="Homme"),
        "age_bands": _labels(**{"18_24": "18 à 24 ans"}),
        "voc_need": _labels(ordinary_housing="Logement ordinaire"),
        "voc_inflow": _labels(newly_identified="Nouvellement identifiée", returned_from_housing="Retour"),
        "voc_outflow": _labels(own_housing="Logement ordinaire", inactive="Perdue de vue", deceased="Décès"),
    }


def change(found: Tables, table: str, column: str, value: Any, **key: Any) -> None:
    """Give a cell another value, in the rows of this key."""
    frame = found[table]
    rows = pd.Series(True, index=frame.index)
    for name, wanted in key.items():
        rows &= frame[name] == wanted
    assert rows.any()
    frame.loc[rows, column] = value


def public(found: Tables) -> Tables:
    """The public edition: rounded to 5, nothing under 13, a status beside each measure, no operator."""
    found = {name: frame.copy() for name, frame in found.items() if not name.startswith("dq_")}
    for table, columns in _COUNTS.items():
        frame = found[table]
        for column in columns:
            _protect(frame, column, lambda values: (values / 5).round() * 5)
    durations = found["ind_durations"]
    for months in (6, 12, 24):
        share = 100 * durations[f"over_{months}_months_count"] / durations["known_count"]
        durations[f"over_{months}_months_share"] = share.round() / 100
        durations[f"over_{months}_months_share_status"] = durations[f"over_{months}_months_count_status"]
    # Some libraries write a month as a moment.
    flows = found["ind_monthly_flows"]
    flows["reference_month"] = pd.to_datetime(flows["reference_month"])
    found["voc_cell_status"] = pd.DataFrame(_STATUSES, columns=["code", "label_fr", "symbol_fr", "position"])
    return found


def write(folder: Path, found: Tables, audience: str = "internal", *, is_synthetic: bool = True) -> Path:
    """The publication as a folder, in the layout of `synchro publish`."""
    data = folder / "data" / "synchro"
    data.mkdir(parents=True)
    for name, frame in found.items():
        frame.to_parquet(data / f"{name}.parquet", index=False)
    dictionary: dict[str, Any] = {
        "audience": audience,
        "territory": "essai",
        "is_synthetic": is_synthetic,
        "deliveries": {"count": 312, "last_received_at": "2026-01-09 10:00:00"},
    }
    if audience == "public":
        parameters = {"threshold": 11, "display_from": 13, "rounding_base": 5}
        dictionary["disclosure"] = {"parameters": parameters}
    (folder / "dictionary.json").write_text(json.dumps(dictionary), encoding="utf-8")
    return folder


def _protect(frame: pd.DataFrame, column: str, rounded: Callable[[pd.Series], pd.Series]) -> None:
    values = frame[column].astype("Float64")
    is_small = values.isna() | (values < 13)
    frame[f"{column}_status"] = is_small.map({True: "protected", False: "shown"})
    frame[column] = rounded(values).mask(is_small)


def _frame(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    for name in frame.columns:
        if name.endswith(("month", "date")):
            frame[name] = pd.to_datetime(frame[name]).dt.date
    return frame


def _labels(**labels: str) -> pd.DataFrame:
    rows = [(code, words, position) for position, (code, words) in enumerate(labels.items(), start=1)]
    return pd.DataFrame(rows, columns=["code", "label_fr", "position"])


def _flows() -> Iterable[dict[str, Any]]:
    for index, month in enumerate(MONTHS):
        swing = _SWING[index % len(_SWING)]
        for unit, share in (("person", 1.0), ("household", 0.7)):
            for segment_type, segment in SEGMENTS:
                inflow = round(share * _FLOWS[segment]) + swing
                row = {"reference_month": month, "unit": unit, "segment_type": segment_type, "segment": segment}
                row |= {"active_end": round(share * _STOCKS[segment]) + swing, "inflow": inflow, "outflow": inflow}
                row |= {f"inflow_{code}": 0 for code in _INFLOWS} | {f"outflow_{code}": 0 for code in _OUTFLOWS}
                row |= {"inflow_newly_identified": inflow - 5, "inflow_returned_from_housing": 5}
                yield row | {"outflow_own_housing": inflow - 17, "outflow_inactive": 16, "outflow_deceased": 1}


def _durations() -> Iterable[dict[str, Any]]:
    for month in MONTHS:
        row = {"reference_month": month, "unit": "person", "segment_type": "total", "segment": "total"}
        row |= {"known_count": 400, "median_days": 240}
        for months, count in ((6, 200), (12, 100), (24, 20)):
            row |= {f"over_{months}_months_count": count, f"over_{months}_months_share": count / 400}
        yield row


def _needs() -> Iterable[dict[str, Any]]:
    for month in MONTHS:
        for need, waiting in (("ordinary_housing", 90), ("total", 130)):
            row = {"reference_month": month, "need": need, "waiting": waiting, "new_requests": 20}
            row |= {"answered_as_needed": 4, "answered_otherwise": 3, "refused": 2, "median_wait_days": 120.5}
            yield row | {"places": 1000, "places_occupied": 900, "occupancy": 0.9}


def _opportunities() -> Iterable[dict[str, Any]]:
    for month in MONTHS:
        for position, (rule, persons) in enumerate((("street", 50), ("long_stay", 6)), start=1):
            title = {"street": "À la rue et sans demande", "long_stay": "Plus d'un an en urgence"}[rule]
            row = {"reference_month": month, "rule": rule, "position": position, "title_fr": title}
            row |= {"concerns_fr": "Personnes sans demande", "action_fr": "Ouvrir une demande"}
            yield row | {"persons": persons, "households": persons - 2}


def _reliability() -> Iterable[dict[str, Any]]:
    for month in MONTHS:
        row = {"reference_month": month, "unit": "person", "expected_3_months": 36, "delivered_3_months": 36}
        yield row | {"is_translated": True, "is_balanced": True, "is_reliable": True}


def _calendar() -> Iterable[dict[str, Any]]:
    for month in MONTHS:
        for extract, label in (("calls", "Appels au 115"), ("stays", "Séjours")):
            row = {"reference_month": month, "operator": "siao_115", "extract": extract, "extract_label_fr": label}
            yield row | {"status": "received", "days_late": 0}
