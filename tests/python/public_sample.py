"""A public publication made from an internal one, in the agreed shape: what the dashboard must be able to show.

This is no disclosure control: counts are rounded and small ones hidden, cell by cell, and shares follow their counts.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb

_SMALL = 13
_LABELS = ("dim_months", "age_bands", "communes", "ind_reliability", "ind_programme", "ind_deliverables")
_CODES = (
    *("administrative_status", "household_type", "indicator", "inflow", "need", "outflow", "resources"),
    *("revision_reason", "sex", "situation", "unit"),
)
_INFLOWS = (
    *("first_list", "newly_identified", "returned_from_housing", "returned_from_inactive"),
    *("returned_to_territory", "returned_to_perimeter", "household_formed"),
)
_OUTFLOWS = (
    *("own_housing", "supported_housing", "inactive", "left_territory", "deceased", "out_of_perimeter"),
    "household_dissolved",
)
# Dimensions and plain columns, counts, shares with their numerator, and medians of each table.
_TABLES: dict[str, tuple[list[str], list[str], dict[str, str], list[str]]] = {
    "ind_monthly_flows": (
        ["reference_month", "unit", "segment_type", "segment"],
        [
            *("active_end", "inflow", "outflow"),
            *(f"inflow_{code}" for code in _INFLOWS),
            *(f"outflow_{code}" for code in _OUTFLOWS),
        ],
        {},
        [],
    ),
    "ind_durations": (
        ["reference_month", "unit", "segment_type", "segment"],
        ["known_count", *(f"over_{months}_months_count" for months in (6, 12, 24))],
        {f"over_{months}_months_share": f"over_{months}_months_count" for months in (6, 12, 24)},
        ["median_days"],
    ),
    "ind_profiles": (
        ["reference_month", "unit", "segment_type", "segment", "crossed_type", "crossed_segment"],
        ["active_count"],
        {"active_share": "active_count"},
        [],
    ),
    "ind_needs_responses": (
        ["reference_month", "need"],
        [
            *("waiting", "persons_waiting", "new_requests", "answered_as_needed", "answered_otherwise"),
            *("refused", "closed", "places_occupied", "places"),
        ],
        {"waiting_share": "waiting", "occupancy": "places_occupied"},
        ["median_wait_days"],
    ),
    "ind_opportunities": (
        ["reference_month", "rule", "position", "title_fr", "concerns_fr", "action_fr"],
        ["persons", "households"],
        {"share_persons": "persons"},
        [],
    ),
    "ind_projection": (
        ["scenario", "scenario_label_fr", "unit", "segment_type", "segment", "horizon_months", "reference_month"],
        ["expected_stock", "stock_low", "stock_high"],
        {},
        [],
    ),
}
_STATUSES = """
select * from (values
    ('shown', 'Montré', '', 'La case est montrée.', 1),
    ('protected', 'Secret statistique', 's', 'Moins de 13 personnes, ou une case qui en trahirait une autre.', 2),
    ('not_yet_known', 'Pas encore connu', 'nc', 'Le recul manque.', 3)
) as statuses (code, label_fr, symbol_fr, definition_fr, position)
"""


def write_public_sample(internal: Path, public: Path) -> None:
    """Write to `public` the publication that could be made of `internal`."""
    shutil.rmtree(public, ignore_errors=True)
    data = public / "data" / "synchro"
    data.mkdir(parents=True)
    with duckdb.connect() as engine:
        for name in (*_LABELS, *(f"voc_{code}" for code in _CODES)):
            if (internal / "data" / "synchro" / f"{name}.parquet").exists():
                shutil.copy(internal / "data" / "synchro" / f"{name}.parquet", data)
        engine.execute(f"copy ({_STATUSES}) to '{data / 'voc_cell_status.parquet'}' (format parquet)")
        for name in _TABLES:
            source = internal / "data" / "synchro" / f"{name}.parquet"
            query = _query(name, f"read_parquet('{source}')")
            engine.execute(f"copy ({query}) to '{data / name}.parquet' (format parquet)")
    dictionary = json.loads((internal / "dictionary.json").read_text(encoding="utf-8"))
    dictionary["audience"] = "public"
    kept = {path.stem for path in data.glob("*.parquet")}
    # A table without rows is described and not handed over, as for everyone.
    dictionary["tables"] = [
        table for table in dictionary["tables"] if table["name"] in kept or table["name"] == "ind_revisions"
    ]
    dictionary["tables"].append({"name": "voc_cell_status", "grain": "", "is_handed_over": True, "columns": []})
    (public / "dictionary.json").write_text(json.dumps(dictionary, ensure_ascii=False), encoding="utf-8")


def _query(name: str, rows: str) -> str:
    dimensions, counts, shares, medians = _TABLES[name]
    columns = list(dimensions)
    for count in counts:
        hidden = f"coalesce({count}, 0) < {_SMALL}"
        columns.append(f"case when not ({hidden}) then 5 * round({count} / 5.0) end as {count}")
        columns.append(f"case when {hidden} then 'protected' else 'shown' end as {count}_status")
    for share, numerator in shares.items():
        hidden = f"coalesce({numerator}, 0) < {_SMALL} or {share} is null"
        columns.append(f"case when not ({hidden}) then round({share}, 2) end as {share}")
        columns.append(f"case when {hidden} then 'protected' else 'shown' end as {share}_status")
    for median in medians:
        columns.append(f"30 * round({median} / 30.0) as {median}")
        columns.append(f"case when {median} is null then 'not_yet_known' else 'shown' end as {median}_status")
    where = " where segment_type = 'total'" if name == "ind_projection" else ""
    return f"select {', '.join(columns)} from {rows}{where}"
