"""The workbook of the compiled list: what a person who opens it sees, filters and cannot run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from synchro.dictionary import Deliveries
from synchro.list_workbook import CONCERNED, LIST, NOTICE, OPPORTUNITIES, SYNTHETIC, write_list_workbook

DELIVERIES = Deliveries(168, True, "2024-01-01", "2024-02-01", "2024-03-12 09:30:00")
JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)
PERSONS = [
    # Two of one household, of whom the child came later; one alone, whose situation has no label.
    (FEBRUARY, "c", "h1", "street", 10, date(2024, 2, 19), "no_request+no_need", True),
    (FEBRUARY, "m", "h1", "street", 90, date(2023, 12, 1), "", False),
    (FEBRUARY, "s", "h2", "=1+1", 40, None, None, False),
    (JANUARY, "gone", "h3", "street", 400, date(2023, 1, 1), "no_need", False),
]
COLUMNS = [
    *("reference_month", "person_id", "household_id", "situation", "days_without_home", "since_date"),
    *("missing_to_act", "is_long_term"),
]
RULES = [
    (FEBRUARY, "r1", 1, "À la rue", 2, 1, 0.5, "Qui", "Quoi"),
    (FEBRUARY, "r2", 2, "@cmd", 0, 0, 0.0, "Qui", "-2+3"),
    (JANUARY, "r1", 1, "À la rue", 1, 1, 1.0, "Qui", "Quoi"),
]
RULE_COLUMNS = [
    *("reference_month", "rule", "position", "title_fr", "persons", "households", "share_persons"),
    *("concerns_fr", "action_fr"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    tables = {
        "compiled_list": pd.DataFrame(PERSONS, columns=COLUMNS),
        "ind_opportunities": pd.DataFrame(RULES, columns=RULE_COLUMNS),
        "ind_opportunity_persons": pd.DataFrame(
            [(FEBRUARY, "r1", "c"), (FEBRUARY, "r1", "m"), (JANUARY, "r1", "gone")],
            columns=["reference_month", "rule", "person_id"],
        ),
        "voc_situation": pd.DataFrame([("street", "À la rue", 1)], columns=["code", "label_fr", "position"]),
        "voc_missing": pd.DataFrame(
            [("no_need", "Pas de préconisation", 2), ("no_request", "Pas de demande", 1)],
            columns=["code", "label_fr", "position"],
        ),
    }
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def _opened(data: Path, deliveries: Deliveries = DELIVERIES) -> openpyxl.Workbook:
    path = write_list_workbook(data, data.parent, deliveries)
    assert path == data.parent / "liste-compilee-2024-02.xlsx"
    return openpyxl.load_workbook(path)


def _rows(sheet: Any) -> list[dict[str, Any]]:
    """The rows under the header, which is the second row."""
    header, *rows = sheet.iter_rows(min_row=2, values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _texts(workbook: openpyxl.Workbook) -> list[str]:
    cells = (cell for sheet in workbook for row in sheet.iter_rows() for cell in row)
    return [cell.value for cell in cells if isinstance(cell.value, str)]


def test_the_last_month_is_listed_households_together_longest_first(data: Path) -> None:
    rows = _rows(_opened(data)[LIST])
    assert [(row["N° ménage"], row["N° personne"], row["Identifiant personne"]) for row in rows] == [
        (1, 1, "m"),
        (1, 2, "c"),
        (2, 3, "s"),
    ]


def test_codes_are_in_french_and_dates_are_dates(data: Path) -> None:
    mother, child, _ = _rows(_opened(data)[LIST])
    assert mother["Situation"] == "À la rue"
    assert mother["Sans domicile depuis le"] == datetime(2023, 12, 1)
    assert child["Il manque pour agir"] == "Pas de demande · Pas de préconisation"
    assert (mother["Longue durée"], child["Longue durée"]) == (None, "oui")
    assert child["Opportunités d'action"] == "À la rue"


def test_nothing_runs(data: Path) -> None:
    workbook = _opened(data)
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    texts = _texts(workbook)
    assert {"'=1+1", "'@cmd", "'-2+3"} <= set(texts)
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("name", [LIST, OPPORTUNITIES, CONCERNED])
def test_tables_have_filters_and_a_header_that_stays(data: Path, name: str) -> None:
    sheet = _opened(data)[name]
    assert sheet.freeze_panes is not None
    assert sheet.freeze_panes.endswith("3")
    assert sheet.auto_filter.ref == f"A2:{sheet.dimensions.split(':')[1]}"
    assert SYNTHETIC in sheet["A1"].value


def test_opportunities_are_those_of_the_month_and_name_the_listed(data: Path) -> None:
    workbook = _opened(data)
    assert [(row["Opportunité"], row["Personnes"]) for row in _rows(workbook[OPPORTUNITIES])] == [
        ("À la rue", 2),
        ("'@cmd", 0),
    ]
    assert [row["Identifiant personne"] for row in _rows(workbook[CONCERNED])] == ["m", "c"]


def test_the_notice_says_what_it_is_and_counts_what_is_missing(data: Path) -> None:
    notice = _opened(data)[NOTICE]
    lines = {text: count for text, count in notice.iter_rows(values_only=True) if text}
    assert "Liste compilée : février 2024" in lines
    assert f"{SYNTHETIC}." in lines
    assert (lines["Personnes"], lines["Ménages"]) == (3, 2)
    assert (lines["Pas de demande"], lines["Pas de préconisation"]) == (1, 1)


def test_real_data_is_not_marked_as_synthetic(data: Path) -> None:
    texts = _texts(_opened(data, replace(DELIVERIES, is_synthetic=False)))
    assert not [text for text in texts if "FICTIVES" in text]


def test_the_same_publication_gives_the_same_bytes(data: Path) -> None:
    contents = []
    for _ in range(2):
        _opened(data)
        contents.append((data.parent / "liste-compilee-2024-02.xlsx").read_bytes())
    assert contents[0] == contents[1]


def test_without_a_list_there_is_no_workbook(tmp_path: Path) -> None:
    assert write_list_workbook(tmp_path, tmp_path, DELIVERIES) is None


def test_a_month_in_which_nobody_meets_a_rule_still_shows_the_rules(data: Path) -> None:
    (data / "ind_opportunity_persons.parquet").unlink()
    workbook = _opened(data)
    assert len(_rows(workbook[OPPORTUNITIES])) == 2
    assert {row["Opportunités d'action"] for row in _rows(workbook[LIST])} == {None}
    assert all(value is None for row in _rows(workbook[CONCERNED]) for value in row.values())


def test_a_workbook_that_cannot_be_written_is_an_os_error(data: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_list_workbook(data, data.parent / "nowhere", DELIVERIES)
