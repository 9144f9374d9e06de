"""The attack on public editions: safe ones pass with the truth inside, and each way to spoil one is caught.

The ten mutants are those of a publisher in a hurry; where a file is at fault and not a figure, `scan` catches it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from public_edition import (
    COUNTS,
    DISCLOSURE,
    DURATIONS,
    FLOWS,
    MONTHS,
    PROFILES,
    displayed,
    exact_tables,
    hide,
    persons,
    protected,
    write_edition,
)
from synchro.attack import Report, attack
from synchro.cli import app
from synchro.errors import SynchroError
from synchro.scan import scan

# A draw in which rounding and the threshold alone give six figures away.
SEED, SIZE = 1, 300
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def truth() -> Tables:
    return exact_tables(persons(SEED, SIZE))


@pytest.fixture(scope="module")
def safe_edition(truth: Tables) -> Tables:
    return protected(truth)


@pytest.fixture
def edition(safe_edition: Tables) -> Tables:
    return {name: frame.copy() for name, frame in safe_edition.items()}


def true_ranges(report: Report, truth: Tables) -> pd.DataFrame:
    """The ranges with the true value of each."""
    parts = []
    for name, columns in COUNTS.items():
        dimensions = [column for column in truth[name] if column not in (*columns, "active_share")]
        for column in columns:
            known = truth[name][dimensions].assign(table=name, column=column, truth=truth[name][column])
            own = report.ranges[(report.ranges["table"] == name) & (report.ranges["column"] == column)]
            parts.append(own[[*dimensions, *own.columns.difference(known.columns)]].merge(known, on=dimensions))
    found = pd.concat(parts)
    assert len(found) == len(report.ranges)
    return found


def is_caught(folder: Path) -> bool:
    """By the figures or by the files."""
    return not attack([folder]).is_safe or bool(scan(folder))


def set_cell(tables: Tables, table: str, column: str, value: int, **where: object) -> None:
    frame = tables[table]
    rows = np.logical_and.reduce([frame[name] == code for name, code in where.items()])
    assert rows.any()
    frame.loc[rows, column] = value
    frame.loc[rows, f"{column}_status"] = "shown"


def test_a_protected_edition_gives_nothing_away_and_the_truth_is_inside(
    truth: Tables, edition: Tables, tmp_path: Path
) -> None:
    report = attack([write_edition(tmp_path / "public-0001", edition)])
    assert report.is_safe, report.findings
    assert report.ranges["candidates"].ge(5).all()
    ranges = true_ranges(report, truth)
    assert ranges["truth"].between(ranges["low"], ranges["high"]).all()
    assert scan(tmp_path / "public-0001") == []


@pytest.mark.parametrize(("seed", "size"), [(0, 150), (2, 600), (3, 1200)])
def test_the_truth_is_inside_even_where_figures_are_given_away(seed: int, size: int, tmp_path: Path) -> None:
    exact = exact_tables(persons(seed, size))
    report = attack([write_edition(tmp_path / "public-0001", displayed(exact))])
    ranges = true_ranges(report, exact)
    assert ranges["truth"].between(ranges["low"], ranges["high"]).all()


def exact_totals(truth: Tables, edition: Tables) -> None:
    rows = edition[FLOWS]["segment_type"] == "total"
    edition[FLOWS].loc[rows, "active_end"] = truth[FLOWS].loc[rows, "active_end"]


def residual_totals(truth: Tables, edition: Tables) -> None:
    """The total is the rounded parts and the exact hidden one: what it leaves is that one."""
    month = {"reference_month": MONTHS[-1]}
    frame = edition[FLOWS]
    rows = (frame["reference_month"] == MONTHS[-1]) & (frame["segment_type"] == "commune")
    parts = frame.loc[rows, "active_end"].fillna(truth[FLOWS].loc[rows, "active_end"])
    set_cell(edition, FLOWS, "active_end", int(parts.sum()) + 1, **month, segment_type="total")


def one_lone_hidden_cell(truth: Tables, edition: Tables) -> None:
    """What was hidden to protect others is shown again."""
    edition.update(displayed(truth))


def two_symbols(truth: Tables, edition: Tables) -> None:
    for name, frame in displayed(truth).items():
        for column in COUNTS[name]:
            again = (frame[f"{column}_status"] == "shown") & (edition[name][f"{column}_status"] == "protected")
            edition[name].loc[again, f"{column}_status"] = "protected_secondary"


def unrounded_share(truth: Tables, edition: Tables) -> None:
    rows = edition[PROFILES]["active_share"].isna()
    edition[PROFILES].loc[rows, "active_share"] = truth[PROFILES].loc[rows, "active_share"]
    edition[PROFILES].loc[rows, "active_share_status"] = "shown"


def second_geography(truth: Tables, edition: Tables) -> None:
    """Districts over communes: what one has more than its communes is in the others."""
    stock = truth[FLOWS]
    small = stock[stock["segment_type"] == "commune"]
    names = small["segment"].map({"21003": "west", "21105": "west"}).fillna("east")
    by_district = small.assign(segment_type="district", segment=names).groupby(
        ["reference_month", "unit", "segment_type", "segment"], as_index=False
    )
    rows = by_district[COUNTS[FLOWS]].sum()
    more = displayed({FLOWS: rows})[FLOWS]
    edition[FLOWS] = pd.concat([edition[FLOWS], more], ignore_index=True)


def twelve_shown_as_ten(truth: Tables, edition: Tables) -> None:
    rows = truth[PROFILES]["active_count"].isin([11, 12])
    assert rows.any()
    edition[PROFILES].loc[rows, "active_count"] = 10
    edition[PROFILES].loc[rows, "active_count_status"] = "shown"


def a_row_only_where_there_is_somebody(truth: Tables, edition: Tables) -> None:
    counts = truth[PROFILES]["active_count"].to_numpy()
    kept = counts > counts.min()
    edition[PROFILES] = edition[PROFILES][kept]


@pytest.mark.parametrize(
    "spoil",
    [
        exact_totals,
        residual_totals,
        one_lone_hidden_cell,
        two_symbols,
        unrounded_share,
        second_geography,
        twelve_shown_as_ten,
        a_row_only_where_there_is_somebody,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_a_spoilt_edition_is_caught(
    spoil: Callable[[Tables, Tables], None], truth: Tables, edition: Tables, tmp_path: Path
) -> None:
    spoil(truth, edition)
    assert is_caught(write_edition(tmp_path / "public-0001", edition))


@pytest.mark.parametrize(
    "spoil", [exact_totals, one_lone_hidden_cell, two_symbols, unrounded_share, twelve_shown_as_ten]
)
def test_figures_alone_are_enough_for_the_attack(
    spoil: Callable[[Tables, Tables], None], truth: Tables, edition: Tables, tmp_path: Path
) -> None:
    spoil(truth, edition)
    assert not attack([write_edition(tmp_path / "public-0001", edition)]).is_safe


def test_an_unrounded_share_gives_its_count_away(truth: Tables, edition: Tables, tmp_path: Path) -> None:
    """Divided by a displayed denominator, it has few numerators."""
    unrounded_share(truth, edition)
    report = attack([write_edition(tmp_path / "public-0001", edition)])
    ranges = true_ranges(report, truth)
    assert report.unsafe
    assert ranges["truth"].between(ranges["low"], ranges["high"]).all()


def test_an_old_vintage_gives_away_what_the_last_one_hides(truth: Tables, edition: Tables, tmp_path: Path) -> None:
    write_edition(tmp_path / "public-0001", displayed(truth))
    last = write_edition(tmp_path / "public-0002", edition)
    assert attack([last]).is_safe
    assert not attack([tmp_path]).is_safe


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("totaux.json", '{"total": 583}'),
        ("page.html", '<rect title="Chenôve : 7"></rect>'),
        ("liens.txt", "https://exemple.fr/communes?n=7"),
    ],
)
def test_a_raw_count_in_another_file_is_caught(name: str, text: str, edition: Tables, tmp_path: Path) -> None:
    """Hidden sheets, and a number in a listed file, are in test_scan.py."""
    folder = write_edition(tmp_path / "public-0001", edition)
    (folder / name).write_text(text, encoding="utf-8")
    assert is_caught(folder)


def test_totals_added_up_from_rounded_parts_are_seen(tmp_path: Path) -> None:
    exact = exact_tables(persons(seed=4, size=4000))
    tables = displayed(exact)
    frame = tables[PROFILES]
    crossed = frame[frame["crossed_type"] == "situation"]
    sums = crossed.groupby(["reference_month", "segment"])["active_count"].sum(min_count=3)
    rows = (frame["segment_type"] == "age_band") & (frame["crossed_type"] == "total")
    keys = pd.MultiIndex.from_frame(frame.loc[rows, ["reference_month", "segment"]])
    assert sums.notna().all()
    before = attack([write_edition(tmp_path / "public-0001", tables)]).findings
    added = {relation["relation"]: relation for relation in DISCLOSURE["relations"]}["over_ind_profiles_active_count"]
    frame.loc[rows, "active_count"] = sums.reindex(keys).to_numpy()
    only = {**DISCLOSURE, "relations": [{**added, "over": "crossed_type,crossed_segment"}]}
    after = attack([write_edition(tmp_path / "public-0002", tables, only)]).findings
    assert not before
    assert any("somme des parties arrondies" in finding for finding in after)


def months_of(tables: Tables, months: pd.DatetimeIndex) -> Tables:
    return {
        name: frame[frame["reference_month"].isin(months)].reset_index(drop=True) for name, frame in tables.items()
    }


def test_frozen_months_are_the_same_figures_in_every_vintage(edition: Tables, tmp_path: Path) -> None:
    for number, count in enumerate((4, 5, 6), start=1):
        write_edition(tmp_path / f"public-{number:04d}", months_of(edition, MONTHS[:count]))
    whole = attack([write_edition(tmp_path / "whole" / "public-0001", edition)])
    vintages = attack([tmp_path])
    assert vintages.figures == whole.figures
    assert len(vintages.ranges) == len(whole.ranges)
    assert vintages.sums < whole.sums
    # Taken to speak of the same list, the balances from one vintage to the next come back.
    assert attack([tmp_path], assume_unrevised=True).sums == whole.sums


def test_a_revised_figure_is_not_taken_for_the_hidden_one(truth: Tables, edition: Tables, tmp_path: Path) -> None:
    """A count shown once then hidden: if nothing was revised it is the one shown, else it may be another."""
    where = {"reference_month": MONTHS[2], "segment_type": "sex", "segment": "female"}
    write_edition(tmp_path / "public-0001", edition)
    later = {name: frame.copy() for name, frame in edition.items()}
    hide(later, FLOWS, "active_end", **where)
    hide(later, DURATIONS, "known_count", **where)
    hide(later, PROFILES, "active_count", **where, crossed_type="total")
    write_edition(tmp_path / "public-0002", later)
    widths = []
    for assume_unrevised in (False, True):
        ranges = true_ranges(attack([tmp_path], assume_unrevised=assume_unrevised), truth)
        own = ranges[(ranges["column"] == "active_end") & (ranges["vintage"] == "public-0002")]
        own = own[(own["segment"] == "female") & (own["reference_month"] == MONTHS[2])]
        assert own["truth"].between(own["low"], own["high"]).all()
        widths.append((own["high"] - own["low"]).item())
    assert widths[1] <= 4 < widths[0]


def test_vintages_that_cannot_both_be_unrevised_are_still_attacked(truth: Tables, tmp_path: Path) -> None:
    other = exact_tables(persons(SEED + 1, SIZE))
    write_edition(tmp_path / "public-0001", displayed(truth))
    write_edition(tmp_path / "public-0002", displayed(other))
    assert attack([tmp_path], assume_unrevised=True).figures == 2 * attack([tmp_path / "public-0001"]).figures


def test_the_command_says_what_is_given_away_and_fails(truth: Tables, edition: Tables, tmp_path: Path) -> None:
    run = CliRunner().invoke
    safe = run(app, ["attack", str(write_edition(tmp_path / "safe", edition)), "--ranges", str(tmp_path / "r.csv")])
    assert safe.exit_code == 0
    assert "Aucune case masquée n'est déductible" in safe.output
    ranges = pd.read_csv(tmp_path / "r.csv", sep=";")
    assert {"table", "column", "low", "high", "candidates", "is_safe"} <= set(ranges)
    unsafe = run(app, ["attack", str(write_edition(tmp_path / "unsafe", displayed(truth)))])
    assert unsafe.exit_code == 1
    assert "6 case(s) masquée(s) déductible(s)" in unsafe.output


def test_only_public_editions_are_attacked(edition: Tables, tmp_path: Path) -> None:
    folder = write_edition(tmp_path / "public-0001", edition)
    empty = write_edition(tmp_path / "empty", {name: frame.iloc[:, :4] for name, frame in edition.items()})
    with pytest.raises(SynchroError) as no_figures:
        attack([empty])
    content = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
    (folder / "dictionary.json").write_text(json.dumps({**copy.deepcopy(content), "audience": "internal"}))
    with pytest.raises(SynchroError) as internal:
        attack([folder])
    with pytest.raises(SynchroError) as nothing:
        attack([tmp_path / "elsewhere"])
    (folder / "dictionary.json").write_text("{")
    with pytest.raises(SynchroError) as broken:
        attack([folder])
    assert [error.value.code for error in (internal, nothing, broken)] == [
        "NOT_PUBLIC",
        "NO_PUBLICATION",
        "DICTIONARY",
    ]
