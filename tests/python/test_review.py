"""The review workbook: what it shows, and what is read back of it."""

from __future__ import annotations

import csv
import dataclasses
import shutil
from contextlib import closing
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from conftest import PROJECT, Territory
from synchro.decisions import read_review
from synchro.errors import SynchroError
from synchro.review import (
    DECIDED_BY,
    DECISION,
    DIFFERENT,
    PAIRS,
    REASON,
    REASONS,
    RECORD_L,
    SAME,
    SAMPLE,
    UNSURE,
    connect_built,
    write_review,
)
from synchro.settings import Settings

DAY = date(2026, 3, 2)
CANARY = "ZQXCANARI"


@pytest.fixture
def settings(territory: Territory, tmp_path: Path) -> Settings:
    """The built territory, with seeds of its own: reading a workbook writes seeds."""
    shutil.copytree(PROJECT / "seeds" / "linkage", tmp_path / "seeds" / "linkage")
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy2(PROJECT / name, tmp_path)
    return dataclasses.replace(territory.settings, project_dir=tmp_path)


@pytest.fixture
def workbook(settings: Settings, tmp_path: Path) -> Path:
    return write_review(settings, tmp_path / "relecture.xlsx").path


def rows_of(path: Path, sheet: str) -> list[dict]:
    rows = list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def fill(path: Path, sheet: str, row: int, **cells: str) -> None:
    """Write cells of a row (1 is the first pair) as a person would, and save."""
    book = openpyxl.load_workbook(path)
    titles = [cell.value for cell in book[sheet][1]]
    for title, text in cells.items():
        book[sheet].cell(row=row + 1, column=titles.index(title.replace("_", " ")) + 1, value=text)
    book.save(path)


def decide(path: Path, row: int, decision: str = SAME, by: str = "coordination", reason: str = REASONS[0]) -> None:
    fill(path, PAIRS, row, **{DECISION: decision, DECIDED_BY: by, REASON: reason})


def seed(settings: Settings, name: str) -> list[dict[str, str]]:
    with (settings.project_dir / "seeds" / "linkage" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_workbook_shows_levels_and_no_value(workbook: Path, settings: Settings):
    pairs, sample = rows_of(workbook, PAIRS), rows_of(workbook, SAMPLE)
    assert pairs
    assert sample
    assert "Probabilité" in pairs[0]
    # Labels are blind: nothing in the sample says what linkage made of the pair.
    assert not {"Probabilité", "Pourquoi cette paire", "Mois en double"} & set(sample[0])
    with closing(connect_built(settings)) as con:
        labels = {label for (label,) in con.execute("select label_fr from linkage.level_labels").fetchall()}
        local_ids = {text for (text,) in con.execute("select local_id from vault.identity.local_ids").fetchall()}
    for row in (*pairs, *sample):
        assert {row["Nom"], row["Prénom"], row["Date de naissance"]} <= labels
        assert not {str(cell) for cell in row.values()} & local_ids


def test_the_most_useful_pairs_come_first(workbook: Path):
    gains = [(row["Mois en double"] * row["Probabilité"], row["Probabilité"]) for row in rows_of(workbook, PAIRS)]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) > 1


def test_a_workbook_is_not_overwritten(workbook: Path, settings: Settings):
    with pytest.raises(SynchroError) as error:
        write_review(settings, workbook)
    assert error.value.code == "EXISTS"


def test_decisions_and_labels_become_seeds_once(workbook: Path, settings: Settings):
    pairs, sample = rows_of(workbook, PAIRS), rows_of(workbook, SAMPLE)
    decide(workbook, 1)
    decide(workbook, 2, UNSURE)
    fill(workbook, SAMPLE, 1, **{DECISION: DIFFERENT, DECIDED_BY: "MR"})
    reading = read_review(workbook, settings, DAY)
    assert (reading.overrides, reading.labels, reading.unsure) == (1, 1, 1)
    assert reading.empty == len(pairs) - 2 + len(sample) - 1
    (override,) = seed(settings, "overrides")
    assert {override["record_id_l"], override["record_id_r"]} == {pairs[0][RECORD_L], pairs[0]["Fiche B"]}
    assert (override["decision"], override["decided_on"]) == ("must_link", "2026-03-02")
    (label,) = seed(settings, "clerical_labels")
    assert label["is_match"] == "false"
    again = read_review(workbook, settings, DAY)
    assert (again.overrides, again.labels, again.already) == (0, 0, 2)
    assert seed(settings, "overrides") == [override]


def test_a_changed_mind_is_a_new_dated_row(workbook: Path, settings: Settings):
    decide(workbook, 1)
    read_review(workbook, settings, DAY)
    decide(workbook, 1, DIFFERENT)
    read_review(workbook, settings, date(2026, 4, 1))
    assert [(row["decision"], row["decided_on"]) for row in seed(settings, "overrides")] == [
        ("must_link", "2026-03-02"),
        ("must_not_link", "2026-04-01"),
    ]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({DECISION: CANARY}, DECISION),
        ({DECISION: SAME, DECIDED_BY: "", REASON: REASONS[0]}, DECIDED_BY),
        ({DECISION: SAME, DECIDED_BY: "né le 03/04/1980", REASON: REASONS[0]}, DECIDED_BY),
        ({DECISION: SAME, DECIDED_BY: "MR", REASON: f"c'est {CANARY}"}, REASON),
        ({DECISION: SAME, DECIDED_BY: "MR", REASON: REASONS[0], RECORD_L: "0" * 32}, RECORD_L),
    ],
)
def test_a_wrong_answer_is_placed_never_quoted_and_nothing_is_written(workbook, settings, cells, column):
    before = {path.name: path.read_bytes() for path in (settings.project_dir / "seeds" / "linkage").iterdir()}
    decide(workbook, 2)
    fill(workbook, PAIRS, 1, **cells)
    with pytest.raises(SynchroError) as error:
        read_review(workbook, settings, DAY)
    text = str(error.value)
    assert "ligne 2" in text
    assert f"« {column} »" in text
    assert CANARY not in text
    assert "1980" not in text
    folder = settings.project_dir / "seeds" / "linkage"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_missing_sheet_or_column_is_named(workbook: Path, settings: Settings):
    book = openpyxl.load_workbook(workbook)
    book[PAIRS].delete_cols([cell.value for cell in book[PAIRS][1]].index(REASON) + 1)
    book.save(workbook)
    with pytest.raises(SynchroError, match=REASON) as error:
        read_review(workbook, settings, DAY)
    assert error.value.code == "COLUMN"
    del book[SAMPLE]
    del book[PAIRS]
    book.save(workbook)
    with pytest.raises(SynchroError) as error:
        read_review(workbook, settings, DAY)
    assert error.value.code == "SHEET"
