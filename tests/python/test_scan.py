"""The scan of every published byte: nothing found in a right edition or site, everything planted on purpose found."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from public_edition import COUNTS, DISCLOSURE, FLOWS, PROFILES, displayed, exact_tables, persons, write_edition
from synchro.cli import app
from synchro.errors import SynchroError
from synchro.scan import Rules, exact_runs, scan
from synchro.scan.canaries import telling
from synchro.scan.tables import check_table
from synchro.scan.texts import check_text

RULES = Rules(DISCLOSURE)
# Two runs of exact counts: of a row, and of a total over months.
CANARIES = [(583, 41, 29, 17, 58), (583, 591, 604, 612), (17, 21, 19, 33, 28, 14, 41)]


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """A whole publication with its csv, its DuckDB file and its manifest."""
    folder = write_edition(tmp_path / "public-0001", displayed(exact_tables(persons(0, 400))))
    (folder / "csv").mkdir()
    with duckdb.connect(str(folder / "synchro.duckdb")) as database:
        for path in (folder / "data" / "synchro").glob("*.parquet"):
            pd.read_parquet(path).to_csv(folder / "csv" / f"{path.stem}.csv", sep=";", decimal=",", index=False)
            database.execute(f"create table {path.stem} as from '{path}'")
    manifest = {
        "manifest_version": 1,
        "vintage": 3,
        "tables": [{"name": FLOWS, "rows": 84}],
        "files": [{"bytes": 4711}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture
def site(edition: Path) -> Path:
    """Pages, scripts and data of a site built on the publication, beside it."""
    folder = edition.parent / "site"
    (folder / "data").mkdir(parents=True)
    page = '<p>En mars 2025, 585 personnes ; secret sous 13 personnes.</p><svg width="404" title="Stock : 585"></svg>'
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "app.a583f41.js").write_text(
        "const a=[583,7,41];let b=c?n=7:404;f({x:12,active_end:585})", encoding="utf-8"
    )
    rows = pa.table({"reference_month": ["2025-03-01"], "active_end": [585.0], "label": ["1 personne"]})
    with pa.OSFile(str(folder / "data" / "query.arrow"), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)
    return folder


def test_a_right_edition_and_its_site_are_clean(edition: Path, site: Path) -> None:
    assert scan(edition, CANARIES) == []
    assert scan(site, CANARIES, publication=edition) == []


def spoil_parquet(change: Callable[[pd.DataFrame], pd.DataFrame | None], table: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "data" / "synchro" / f"{table}.parquet"
        frame = pd.read_parquet(path)
        changed = change(frame)
        (frame if changed is None else changed).to_parquet(path, index=False)

    return spoil


def first_hidden(frame: pd.DataFrame, column: str) -> int:
    return int(frame.index[frame[f"{column}_status"] == "protected"][0])


def raw_in_a_hidden_cell(frame: pd.DataFrame) -> None:
    frame.loc[first_hidden(frame, "inflow"), "inflow"] = 7


def rounded_in_a_hidden_cell(frame: pd.DataFrame) -> None:
    frame.loc[first_hidden(frame, "inflow"), "inflow"] = 15


def unrounded_share(frame: pd.DataFrame) -> None:
    frame.loc[frame["active_share"].first_valid_index(), "active_share"] += 0.0031


def one_hundred_percent(frame: pd.DataFrame) -> None:
    row = frame.index[frame["segment_type"] == "total"][0]
    frame.loc[row, ["active_share", "active_share_status"]] = [1.0, "shown"]


def add_line(name: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)

    return spoil


def total_in_the_dictionary(folder: Path) -> None:
    path = folder / "dictionary.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "note": {"stock": 583}}), encoding="utf-8")


def in_the_database(statement: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        with duckdb.connect(str(folder / "synchro.duckdb")) as database:
            database.execute(statement)

    return spoil


def raw_csv(folder: Path) -> None:
    path = folder / "csv" / f"{FLOWS}.csv"
    frame = pd.read_csv(path, sep=";", decimal=",")
    raw_in_a_hidden_cell(frame)
    frame.to_csv(path, sep=";", decimal=",", index=False)


def link_outside(folder: Path) -> None:
    (folder / "data" / "exact").symlink_to("/etc")


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (spoil_parquet(raw_in_a_hidden_cell, FLOWS), f"{FLOWS}.inflow"),
        (spoil_parquet(rounded_in_a_hidden_cell, FLOWS), f"{FLOWS}.inflow"),
        (spoil_parquet(unrounded_share, PROFILES), f"{PROFILES}.active_share"),
        (spoil_parquet(one_hundred_percent, PROFILES), f"{PROFILES}.active_share"),
        (spoil_parquet(lambda frame: frame.iloc[1:], FLOWS), "grille incomplète"),
        (spoil_parquet(lambda frame: frame.assign(active_start=20), FLOWS), f"{FLOWS}.active_start"),
        (spoil_parquet(lambda frame: frame.drop(columns="inflow_status"), FLOWS), f"{FLOWS}.inflow"),
        (
            spoil_parquet(lambda frame: frame.replace({"protected": "secondary"}), FLOWS),
            "un symbole hors de la liste",
        ),
        (raw_csv, f"csv/{FLOWS}.csv"),
        (in_the_database(f"create view exact as from {FLOWS}"), "exact"),
        (in_the_database("create macro exact(x) as x + 583"), "exact"),
        (in_the_database("create schema s; create table s.persons as select 1 as person_id"), "persons"),
        (in_the_database(f"update {FLOWS} set inflow = 7 where inflow is null"), f"{FLOWS}.inflow"),
        (total_in_the_dictionary, "note.stock"),
        (add_line("README.txt", "Stock : 583 personnes\n"), "README.txt"),
        (add_line("README.txt", "voir https://exemple.fr/?n=7\n"), "README.txt"),
        (add_line(f"sources/synchro/{FLOWS}.sql", "-- active_end = 583\n"), f"sources/synchro/{FLOWS}.sql"),
        (add_line("csv/stock-583-personnes.txt", ""), "stock-583-personnes"),
        (add_line("data/synchro/fct_person_months.parquet", "PAR1"), "fct_person_months"),
        (link_outside, "data/exact"),
    ],
)
def test_what_is_planted_in_an_edition_is_found(spoil: Callable[[Path], None], place: str, edition: Path) -> None:
    spoil(edition)
    findings = scan(edition)
    assert any(place in str(finding) for finding in findings), findings


def hidden_sheet(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("brut").append(["active_end", 583])
    book["brut"].sheet_state = "hidden"
    book.save(folder / "tableau.xlsx")


def raw_sheet(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["commune", "active_end"])
    book.active.append(["Chenôve", 7])
    book.save(folder / "tableau.xlsx")


def raw_arrow(folder: Path) -> None:
    rows = pa.table({"commune": ["Chenôve"], "active_end": [7.0]})
    with (
        pa.OSFile(str(folder / "data" / "other.arrow"), "wb") as file,
        pa.ipc.new_stream(file, rows.schema) as writer,
    ):
        writer.write_table(rows)


def zipped_totals(folder: Path) -> None:
    with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("totaux.json", '{"active_end": 583}')


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (hidden_sheet, "feuille masquée"),
        (raw_sheet, "tableau.xlsx"),
        (raw_arrow, "other.arrow"),
        (zipped_totals, "export.zip"),
        (add_line("index.html", '<rect aria-label="Chenôve : 7"/>'), "infobulle"),
        (add_line("index.html", '<a href="/communes?effectif=7">'), "adresse"),
        (add_line("index.html", "<b>1\u202f583</b>&nbsp;personnes".replace("</b>&nbsp;", "&nbsp;")), "personnes"),
        (add_line("page.json", '{"inflow": [{"active_end": 583}]}'), "page.json"),
        (add_line("chunk.js", "var d={active_end:583,m:1}"), "chunk.js"),
        (add_line("page.json", "[[1,583,41,29,17,58]]"), "effectifs exacts"),
        (add_line("chunk.js", 'd=[["2025-01-01",583],["2025-02-01",591],["2025-03-01",604]]'), "effectifs exacts"),
        (add_line("chunk.js", "d=[[17,1],[21,2],[19,3],[20,4],[33,5],[28,6],[14,7],[41,8]]"), "effectifs exacts"),
        (add_line("chunk.js", "var s={active_share:0.20069808}"), "taux non arrondi"),
        (add_line("total-583-ménages.html", ""), "ménages"),
    ],
)
def test_what_is_planted_in_a_site_is_found(
    spoil: Callable[[Path], None], place: str, edition: Path, site: Path
) -> None:
    spoil(site)
    findings = scan(site, CANARIES, publication=edition)
    assert any(place in str(finding) for finding in findings), findings


def test_a_finding_never_repeats_the_value(edition: Path) -> None:
    add_line("README.txt", "Stock : 58371 personnes\n")(edition)
    findings = scan(edition)
    assert findings
    assert not any("58371" in str(finding) for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        "Un effectif de moins de 11 personnes n'est pas montré ; à partir de 13 personnes, il est arrondi.",
        "585 personnes, 1\u202f240 ménages",
        "Durée : 12 mois, 90 jours, 2025-03-01, version 1.11.16, 37 %",
        "active_end : stock de fin de mois",
        "0 personnes",
        'active_end:"12 mois et plus (nombre)"',
    ],
)
def test_what_may_be_said_is_left_alone(text: str) -> None:
    assert list(check_text(text, RULES, CANARIES)) == []


def test_a_zero_is_shown_only_where_nothing_else_can_be() -> None:
    rule = {**next(rule for rule in DISCLOSURE["columns"] if rule["column"] == "inflow"), "zero_where": "unit=person"}
    rules = Rules({**DISCLOSURE, "axes": [], "columns": [rule]})
    frame = pd.DataFrame({"unit": ["person", "household"], "inflow": [0, 0], "inflow_status": "shown"})
    wrong = [column for column, _ in check_table(FLOWS, frame, rules) if column == "inflow"]
    right = [column for column, _ in check_table(FLOWS, frame.iloc[:1], rules) if column == "inflow"]
    assert (wrong, right) == (["inflow"], [])


def test_the_command_fails_on_a_finding(edition: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["scan", str(edition)]).exit_code == 0
    add_line("notes.txt", "7 personnes\n")(edition)
    spoilt = run(app, ["scan", str(edition)])
    assert spoilt.exit_code == 1
    assert "ne pas diffuser" in spoilt.output


def test_without_a_public_dictionary_nothing_is_scanned(tmp_path: Path) -> None:
    with pytest.raises(SynchroError) as refused:
        scan(tmp_path)
    assert refused.value.code == "NO_PUBLICATION"


def test_exact_tables_become_runs_of_rows_and_of_months() -> None:
    exact = exact_tables(persons(0, 400))
    runs = set(exact_runs(exact, RULES))
    total = exact[FLOWS][exact[FLOWS]["segment_type"] == "total"]
    assert tuple(total["active_end"]) in runs
    assert tuple(total.iloc[0][COUNTS[FLOWS]]) in runs
    text = json.dumps(total["active_end"].tolist())
    assert list(check_text(text, RULES, telling(list(runs), RULES)))


def test_french_shares_are_no_run_of_counts() -> None:
    """Found by a publication that was refused: five shares of a csv happened to be those of a row of counts."""
    exact = (33, 38, 31, 29, 37)
    shares = ";".join(f'"0,{value}";"shown"' for value in exact)
    assert list(check_text(shares, RULES, [exact])) == []
    assert list(check_text(f"0,{','.join(map(str, exact))}", RULES, [exact]))
    assert list(check_text(";".join(map(str, exact)), RULES, [exact]))
