"""The queries that fill the pages (sources/synchro/*.sql): those that an edition can run.

A query is kept when the publication has the tables and columns that it reads: what is not published needs no second
list. The internal edition has everything; there, a query that does not run is a mistake.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb

from synchro.errors import SynchroError

_TABLE = re.compile(r"data/([\w*]+)\.parquet")


def tables_read(queries: Path) -> set[str]:
    """Names of the tables that the queries read; `voc_*` for all tables of codes."""
    return {name for path in queries.glob("*.sql") for name in _TABLE.findall(path.read_text(encoding="utf-8"))}


def write_queries(queries: Path, folder: Path, *, may_leave_out: bool) -> set[str]:
    """Copy to the edition's `folder` the queries that its data/ can answer, and return their names.

    Raises SynchroError DASHBOARD_QUERY when one cannot run, unless it may be left out.
    """
    target = folder / "sources" / "synchro"
    target.mkdir(parents=True)
    shutil.copy(queries / "connection.yaml", target)
    kept = set()
    with duckdb.connect(config={"file_search_path": str(folder)}) as engine:
        for path in sorted(queries.glob("*.sql")):
            query = path.read_text(encoding="utf-8").strip()
            try:
                has_rows = engine.execute(query).fetchone() is not None
            except (duckdb.BinderException, duckdb.IOException) as error:
                if may_leave_out:
                    continue
                raise _cannot_run(path, error) from None
            (target / path.name).write_text(query if has_rows else _one_row(query), encoding="utf-8")
            kept.add(path.stem)
    return kept


def _one_row(query: str) -> str:
    """Evidence cannot hold a table without rows: one of nulls instead, which the pages leave out."""
    return f"select found.* from (select 1) as one left join (\n{query}\n) as found on true\n"


def _cannot_run(path: Path, error: duckdb.Error) -> SynchroError:
    return SynchroError(
        "DASHBOARD_QUERY",
        f"Une requête du tableau de bord ne s'exécute pas ({type(error).__name__})",
        where=path.name,
        todo="comparer ses tables et colonnes à celles de dictionnaire.csv",
    )
