"""The tables of a publication as the dashboard reads them: one shape for every edition.

Evidence cannot read a table without rows, and its queries are written once for all editions. So a table that was
not handed over for want of rows is written empty, each figure has its status, and labels are in one table.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

_FIGURES = ("BIGINT", "DOUBLE", "INTEGER", "HUGEINT")
# The tables of codes whose name is not `voc_` and the domain.
_CODES = {"age_bands": "age_band", "communes": "commune", "operators": "operator"}
_STATUSES = """
select *
from (values
    ('shown', 'Montré', '', 'Le chiffre est montré.', 1),
    ('not_yet_known', 'Pas encore connu', 'nc', 'Le recul manque, ou rien ne permet de calculer ce chiffre.', 2)
) as statuses (code, label_fr, symbol_fr, definition_fr, position)
"""


def write_tables(publication: Path, labels: Path, wanted: set[str], folder: Path) -> dict[str, Any]:
    """Write the tables of `publication` that are `wanted` to `folder` as Parquet files, and return its dictionary.

    Tables of codes are always written. `labels` (csv: domain, code, label_fr, position) completes their labels.
    """
    dictionary: dict[str, Any] = json.loads((publication / "dictionary.json").read_text(encoding="utf-8"))
    folder.mkdir()
    with duckdb.connect() as engine:
        for table in dictionary["tables"]:
            name = table["name"]
            if not (name in wanted or name in _CODES or name.startswith("voc_")):
                continue
            file = publication / "data" / "synchro" / f"{name}.parquet"
            rows = f"select * from read_parquet('{file}')" if table["is_handed_over"] else _no_row(table)
            if name.startswith("ind_"):
                rows = _with_statuses(engine, rows)
            _write(engine, rows, folder / f"{name}.parquet")
        if not (folder / "voc_cell_status.parquet").exists():
            _write(engine, _STATUSES, folder / "voc_cell_status.parquet")
        _write(engine, _labels(folder, labels), folder / "labels.parquet")
        _write_dictionary(engine, dictionary, folder)
    return dictionary


def _write(engine: duckdb.DuckDBPyConnection, rows: str, file: Path) -> None:
    engine.execute(f"copy ({rows}) to '{file}' (format parquet)")


def _no_row(table: dict[str, Any]) -> str:
    columns = [f'cast(null as {column["type"]}) as "{column["name"]}"' for column in table["columns"]]
    return f"select {', '.join(columns)} where false"


def _with_statuses(engine: duckdb.DuckDBPyConnection, rows: str) -> str:
    """The rows with `<figure>_status` where the publication has none: known, or not yet."""
    described = engine.execute(f"describe {rows}").fetchall()
    names = {name for name, *_ in described}
    added = [
        f"case when \"{name}\" is null then 'not_yet_known' else 'shown' end as \"{name}_status\""
        for name, data_type, *_ in described
        if data_type in _FIGURES and f"{name}_status" not in names
    ]
    return f"select {', '.join(['*', *added])} from ({rows})"


def _labels(folder: Path, labels: Path) -> str:
    """One row per domain and code: the label that is read."""
    tables = {path.stem: path for path in sorted(folder.glob("voc_*.parquet"))}
    domains = {name: name.removeprefix("voc_") for name in tables} | _CODES
    parts = [
        f"select '{domain}' as domain, {_code(name)} as code, label_fr, {_position(name)} as position "
        f"from read_parquet('{folder / name}.parquet')"
        for name, domain in domains.items()
        if (folder / f"{name}.parquet").exists()
    ]
    own = f"select domain, code, label_fr, position from read_csv('{labels}', all_varchar = true, header = true)"
    return " union all ".join([*parts, f"select * replace (cast(position as bigint) as position) from ({own})"])


def _code(name: str) -> str:
    return "operator" if name == "operators" else "code"


def _position(name: str) -> str:
    return "row_number() over (order by family_fr, label_fr)" if name == "operators" else "position"


def _write_dictionary(engine: duckdb.DuckDBPyConnection, dictionary: dict[str, Any], folder: Path) -> None:
    """dictionary.json as a table: one row per column, with the French term that dbt's docs give in brackets."""
    engine.execute(
        "create table entries (table_name varchar, grain varchar, column_name varchar, data_type varchar, "
        "description varchar)"
    )
    engine.executemany(
        "insert into entries values (?, ?, ?, ?, ?)",
        [
            (table["name"], table["grain"], column["name"], column["type"], column["description"])
            for table in dictionary["tables"]
            for column in table["columns"]
        ],
    )
    rows = r"select *, nullif(regexp_extract(description, '\(fr: ([^)]*)\)', 1), '') as term_fr from entries"
    _write(engine, rows, folder / "dictionary.parquet")
