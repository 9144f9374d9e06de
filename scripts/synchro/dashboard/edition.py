"""An edition of the dashboard: the Evidence project of one publication, with the pages that it can fill.

A query (sources/synchro/*.sql) is kept when the publication has the tables and columns that it reads; a page or a part
of a page is kept when the queries that it reads are. What is not published needs no second list. The internal edition
has everything: there, a query that does not run is a mistake.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import yaml

from synchro.dashboard.tables import write_tables
from synchro.errors import SynchroError

_FILES = ("package.json", "evidence.config.yaml")
_FOLDERS = ("components", "static")
_SOURCE = re.compile(r"\b(?:from|join)\s+synchro\.(\w+)", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_AUDIENCES = {"internal": "Édition interne", "public": "Édition publique"}


def write_edition(publication: Path, project: Path, folder: Path) -> None:
    """Write to `folder` the Evidence project of `publication`, from `project` (dashboard/).

    Raises SynchroError: DASHBOARD_PUBLICATION if there is none, DASHBOARD_SOURCE for a query that cannot run.
    """
    if not (publication / "dictionary.json").is_file():
        raise SynchroError(
            "DASHBOARD_PUBLICATION",
            "Il n'y a pas encore de publication à montrer",
            where=str(publication),
            todo="lancer « make run », ou « synchro publish --audience … »",
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _FILES:
        shutil.copy(project / name, folder / name)
    for name in _FOLDERS:
        shutil.copytree(project / name, folder / name)
    (folder / "node_modules").symlink_to(project / "node_modules")
    dictionary = write_tables(publication, project / "labels.csv", folder / "data")
    sources = _write_sources(project / "sources" / "synchro", folder, dictionary["audience"])
    _write_partials(project, folder, sources)
    pages = _write_pages(project / "pages", folder / "pages", sources)
    about = _about(dictionary, pages, folder / "data")
    (folder / "components" / "edition.json").write_text(json.dumps(about, ensure_ascii=False, indent=2), encoding="utf-8")


def _write_sources(origin: Path, folder: Path, audience: str) -> set[str]:
    """Copy the queries that this edition can run; one that gives no row gives a row of nulls instead."""
    target = folder / "sources" / "synchro"
    target.mkdir(parents=True)
    shutil.copy(origin / "connection.yaml", target)
    kept = set()
    with duckdb.connect(config={"file_search_path": str(folder)}) as engine:
        for path in sorted(origin.glob("*.sql")):
            query = path.read_text(encoding="utf-8").strip()
            try:
                is_empty = engine.execute(query).fetchone() is None
            except (duckdb.BinderException, duckdb.IOException) as error:
                if audience != "internal":
                    continue
                raise _cannot_run(path, error) from None
            # Evidence cannot hold a table without rows: pages leave out the row whose key is null.
            rows = f"select found.* from (select 1) as one left join (\n{query}\n) as found on true" if is_empty else query
            (target / path.name).write_text(rows + "\n", encoding="utf-8")
            kept.add(path.stem)
    return kept


def _cannot_run(path: Path, error: duckdb.Error) -> SynchroError:
    return SynchroError(
        "DASHBOARD_SOURCE",
        f"Une requête du tableau de bord ne s'exécute pas ({type(error).__name__})",
        where=path.name,
        todo="comparer ses tables et colonnes à celles de dictionnaire.csv",
    )


def _write_partials(project: Path, folder: Path, sources: set[str]) -> None:
    (folder / "partials").mkdir()
    for path in sorted((project / "partials").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        kept = text if _can_fill(text, sources) else ""
        (folder / "partials" / path.name).write_text(kept, encoding="utf-8")
    guide = (project.parent / "docs" / "lire-les-chiffres.md").read_text(encoding="utf-8")
    (folder / "partials" / "lire-les-chiffres.md").write_text(_as_part(guide), encoding="utf-8")


def _write_pages(origin: Path, target: Path, sources: set[str]) -> list[dict[str, Any]]:
    """Copy the pages that this edition can fill, and return those of the menu, in its order."""
    menu = []
    for path in sorted(origin.rglob("*")):
        if path.is_dir():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md" and not _can_fill(text, sources):
            continue
        copy = target / path.relative_to(origin)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
        found = _FRONT_MATTER.match(text)
        front = yaml.safe_load(found[1]) if found else {}
        if "position" in front:
            menu.append({"href": _address(path.relative_to(origin)), **front})
    return sorted(menu, key=lambda page: page["position"])


def _can_fill(text: str, sources: set[str]) -> bool:
    return set(_SOURCE.findall(text)) <= sources


def _address(page: Path) -> str:
    parts = page.with_suffix("").parts
    return "/" + "".join(f"{part}/" for part in parts if part != "index")


def _as_part(guide: str) -> str:
    """A document of docs/ as a part of a page: without its title, and with braces that Svelte does not read."""
    body = guide.split("\n", 1)[1]
    return body.replace("{", "&#123;").replace("}", "&#125;")


def _about(dictionary: dict[str, Any], pages: list[dict[str, Any]], data: Path) -> dict[str, Any]:
    """What the layout says on every page."""
    with duckdb.connect() as engine:
        rows = engine.execute(
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
        "pages": pages,
        "statuses": {code: {"label": label, "symbol": symbol, "definition": text} for code, label, symbol, text in rows},
    }
