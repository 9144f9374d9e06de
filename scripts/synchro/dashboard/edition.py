"""An edition of the dashboard: the Evidence project of one publication, with the pages that it can fill."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from synchro.dashboard.pages import write_pages
from synchro.dashboard.queries import tables_read, write_queries
from synchro.dashboard.tables import write_tables
from synchro.errors import SynchroError

_FILES = ("package.json", "evidence.config.yaml")
_FOLDERS = ("components", "static")
_AUDIENCES = {"internal": "Édition interne", "public": "Édition publique"}


def write_edition(publication: Path, project: Path, folder: Path) -> None:
    """Write to `folder` the Evidence project of `publication`, from `project` (dashboard/).

    Raises SynchroError: DASHBOARD_PUBLICATION if there is none, DASHBOARD_QUERY for a query that cannot run.
    """
    if not (publication / "dictionary.json").is_file():
        raise SynchroError(
            "DASHBOARD_PUBLICATION",
            "Il n'y a pas de publication à montrer",
            where=str(publication),
            todo="lancer « make run », ou « synchro publish »",
        )
    shutil.rmtree(folder, ignore_errors=True)
    # The internal edition has exact figures: for its owner and group, as the publication.
    folder.mkdir(parents=True, mode=0o750)
    for name in _FILES:
        shutil.copy(project / name, folder / name)
    for name in _FOLDERS:
        shutil.copytree(project / name, folder / name)
    (folder / "node_modules").symlink_to(project / "node_modules")
    queries = project / "sources" / "synchro"
    dictionary = write_tables(publication, project / "labels.csv", tables_read(queries), folder / "data")
    sources = write_queries(queries, folder, may_leave_out=dictionary["audience"] != "internal")
    menu = write_pages(project, folder, sources)
    about = json.dumps(_about(dictionary, menu, folder / "data"), ensure_ascii=False, indent=2)
    (folder / "components" / "edition.json").write_text(about, encoding="utf-8")


def _about(dictionary: dict[str, Any], menu: list[dict[str, Any]], data: Path) -> dict[str, Any]:
    """What every page says, and why a cell has no figure."""
    with duckdb.connect() as engine:
        statuses = engine.execute(
            "select code, label_fr, symbol_fr, definition_fr "
            f"from read_parquet('{data / 'voc_cell_status.parquet'}') where code <> 'shown' order by position"
        ).fetchall()
    audience = dictionary["audience"]
    return {
        "audience": audience,
        "audience_label": _AUDIENCES.get(audience, audience),
        "territory": str(dictionary["territory"]).capitalize(),
        "is_synthetic": dictionary["is_synthetic"],
        "last_received_at": dictionary["deliveries"]["last_received_at"][:10],
        "last_month": dictionary["deliveries"]["last_reference_month"][:7],
        "pages": menu,
        "statuses": {
            code: {"label": label, "symbol": symbol, "definition": definition}
            for code, label, symbol, definition in statuses
        },
    }
