"""The dashboard's own project for each edition, written without Node: queries, pages, labels, what is left out."""

from __future__ import annotations

import json
import re
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml

from conftest import PROJECT, Territory
from synchro.dashboard.edition import write_edition
from synchro.dashboard.pages import _typeset
from synchro.dashboard.queries import tables_read
from synchro.dashboard.site import build_site, serve_site
from synchro.errors import SynchroError
from synchro.publish import publish
from synchro.settings import Settings

DASHBOARD = PROJECT / "dashboard"
AUDIENCES = ("internal", "public")


@pytest.fixture(scope="module")
def published(territory: Territory, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The publications of the small territory, by their audience."""
    settings = replace(territory.settings, published=tmp_path_factory.mktemp("published"))
    return {audience: publish(settings, audience, territory.target).folder.resolve() for audience in AUDIENCES}


@pytest.fixture(scope="module")
def editions(published: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The Evidence project of each edition, by its audience."""
    folder = tmp_path_factory.mktemp("editions")
    for audience in AUDIENCES:
        write_edition(published[audience], DASHBOARD, folder / audience)
    return {audience: folder / audience for audience in AUDIENCES}


def _rows(edition: Path, query: str) -> list[tuple[object, ...]]:
    """Rows of a query on the page tables, written {table}."""
    sources = {path.stem: f"({path.read_text()})" for path in (edition / "sources" / "synchro").glob("*.sql")}
    with duckdb.connect(config={"file_search_path": str(edition)}) as engine:
        return engine.execute(query.format(**sources)).fetchall()


def test_internal_edition_has_every_query_and_page(editions: dict[str, Path]) -> None:
    for folder in ("sources/synchro", "pages", "partials"):
        expected = {path.relative_to(DASHBOARD) for path in (DASHBOARD / folder).rglob("*.*")}
        assert {path for path in expected if not (editions["internal"] / path).stat().st_size} == set()


def test_public_edition_leaves_out_what_is_not_published(editions: dict[str, Path]) -> None:
    public = editions["public"]
    assert not (public / "pages" / "qualite").exists()
    assert (public / "partials" / "parcours.md").read_text() == ""
    menu = json.loads((public / "components" / "edition.json").read_text())["pages"]
    assert [page["title"] for page in menu][:3] == ["Synthèse", "Flux", "Durées et parcours"]
    assert "Qualité des données" not in {page["title"] for page in menu}


def test_no_table_of_persons_is_copied(editions: dict[str, Path]) -> None:
    for edition in editions.values():
        kept = {path.stem for path in (edition / "data").glob("*.parquet")}
        assert not {name for name in kept if name.startswith(("fct_", "bridge_", "compiled_")) or "person" in name}


def test_queries_give_a_row_even_without_revisions(editions: dict[str, Path]) -> None:
    assert _rows(editions["internal"], "select count(*), count(reference_month) from {revisions}") == [(1, 0)]


def test_hidden_and_unknown_figures_have_a_status(editions: dict[str, Path]) -> None:
    hidden = "select distinct active_end_status from {flows} where active_end is null"
    assert ("protected",) in _rows(editions["public"], hidden)
    unknown = "select distinct median_days_status from {durations} where median_days is null"
    assert _rows(editions["internal"], unknown) == [("not_yet_known",)]


def test_every_code_shown_has_a_label(editions: dict[str, Path]) -> None:
    for table in ("flows", "durations", "time_to_housing"):
        query = f"select distinct segment_type, segment from {{{table}}} where segment_label = segment"
        assert _rows(editions["internal"], query) == [], table
    assert _rows(editions["internal"], "select * from {completeness} where field_label is null") == []
    assert _rows(editions["internal"], "select * from {needs} where need_label is null") == []
    assert (
        _rows(editions["internal"], "select * from {moves} where from_label = from_state or to_label = to_state")
        == []
    )


def test_stock_is_the_published_one(editions: dict[str, Path], published: dict[str, Path]) -> None:
    mart = published["internal"] / "data" / "synchro" / "ind_monthly_flows.parquet"
    rows = duckdb.sql(
        f"select reference_month, unit, active_end from '{mart}' where segment_type = 'total' order by all"
    ).fetchall()
    assert (
        _rows(editions["internal"], "select reference_month, unit, active_end from {headline} order by all") == rows
    )


def test_pages_ask_only_for_what_the_sources_have() -> None:
    sources = {path.stem for path in (DASHBOARD / "sources" / "synchro").glob("*.sql")}
    asked = {
        name
        for path in [*(DASHBOARD / "pages").rglob("*.md"), *(DASHBOARD / "partials").glob("*.md")]
        for name in re.findall(r"synchro\.(\w+)", path.read_text())
    }
    assert asked == sources


def test_exposure_names_the_tables_that_the_dashboard_reads() -> None:
    exposures = yaml.safe_load((PROJECT / "models" / "_exposures.yml").read_text())["exposures"]
    dashboard = next(exposure for exposure in exposures if exposure["name"] == "dashboard")
    models = {
        name for name in tables_read(DASHBOARD / "sources" / "synchro") if name.startswith(("ind_", "dq_", "dim_"))
    }
    assert {reference[5:-2] for reference in dashboard["depends_on"]} >= models


def test_query_that_no_longer_runs_is_named(published: dict[str, Path], tmp_path: Path) -> None:
    project = tmp_path / "project" / "dashboard"
    shutil.copytree(DASHBOARD, project, ignore=shutil.ignore_patterns("node_modules", ".editions"))
    (project / "sources" / "synchro" / "flows.sql").write_text(
        "select gone from read_parquet('data/ind_monthly_flows.parquet')"
    )
    with pytest.raises(SynchroError, match=r"flows\.sql") as error:
        write_edition(published["internal"], project, tmp_path / "edition")
    assert error.value.code == "DASHBOARD_QUERY"


def test_missing_publication_or_node_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SynchroError) as error:
        write_edition(tmp_path / "nowhere", DASHBOARD, tmp_path / "edition")
    assert error.value.code == "DASHBOARD_PUBLICATION"
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SynchroError, match="Node 20") as error:
        build_site(Settings.in_folder(tmp_path, PROJECT), "internal")
    assert error.value.code == "NODE_MISSING"


def test_port_that_is_taken_is_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SynchroError) as error:
        serve_site(Settings.in_folder(tmp_path, PROJECT), tmp_path, taken.getsockname()[1])
    assert error.value.code == "DASHBOARD_PORT"


def test_punctuation_keeps_to_its_word() -> None:
    assert _typeset("« Inconnu » : oui ; non ?") == "«\u00a0Inconnu\u00a0»\u00a0: oui\u00a0; non\u00a0?"
