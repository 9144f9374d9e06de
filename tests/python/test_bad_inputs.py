"""Every case of the catalogue of bad inputs has its verdict, its message, and changes nothing else."""

from __future__ import annotations

import re
import shutil
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bad_inputs import CANARY, CASES, HEADER, MARCH, Case, Scene, row, stays, text, visits
from landing_kit import deliver, settings_of, write_contract, write_project
from sealing_kit import DAY
from synchro import landing
from synchro.landing import land
from synchro.receipts import Receipt
from synchro.reception import generate_operator, generate_reception
from test_landing import query, state

ALL = set(range(1, 67))


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """An installation with two operators, alpha in clear and beta under seal, and alpha's month of February."""
    folder = tmp_path_factory.mktemp("base")
    settings = write_project(folder)
    generate_reception(settings)
    _, key = generate_operator(settings, "beta")
    write_contract(settings.project_dir, "alpha", [visits(), stays()])
    valid_until = DAY.date() + timedelta(days=90)
    write_contract(settings.project_dir, "beta", [visits()], signing_keys=[{"key": key, "valid_until": valid_until}])
    deliver(folder / "inbox", "visits_2024-02.csv", text(row("B1", date="28/02/2024")))
    assert [receipt.status for receipt in land(folder / "inbox", settings)] == ["accepted"]
    shutil.rmtree(folder / "inbox")
    return folder


@pytest.fixture
def scene(base, tmp_path) -> Scene:
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    (tmp_path / "inbox").mkdir()
    return Scene(settings_of(tmp_path, tmp_path / "project"), tmp_path / "inbox")


def real_scene(folder: Path) -> Scene:
    """An installation for real data, with nothing in it: files without a manifest are taken."""
    settings = write_project(folder, aipd_reference="AIPD-1")
    write_contract(settings.project_dir, "alpha", [visits()], agreement={"reference": "C-1"})
    (folder / "inbox").mkdir()
    return Scene(settings, folder / "inbox")


def test_the_catalogue_is_whole():
    assert {case.number for case in CASES} == ALL
    assert len({(case.number, case.name) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number:02} {case.name}")
def test_bad_input(case: Case, scene: Scene, tmp_path: Path, capfd: pytest.CaptureFixture):
    if case.is_real:
        scene = real_scene(tmp_path / "real")
    if case.tables:
        write_contract(scene.settings.project_dir, "alpha", list(case.tables))
    case.play(scene)
    before = state(scene.settings)
    receipt = land(scene.inbox, scene.settings)[-1]
    if case.verdict == "rejected":
        assert state(scene.settings) == before
        check_refusal(case, receipt)
    elif case.verdict == "duplicate":
        assert receipt.status == "duplicate"
        assert state(scene.settings) == before
    else:
        check_landed(case, receipt, scene)
        check_nothing_else_changed(receipt, scene)
    assert capfd.readouterr() == ("", "")
    assert CANARY.casefold() not in receipt.model_dump_json().casefold()


def check_refusal(case: Case, receipt: Receipt) -> None:
    assert (receipt.status, receipt.code) == ("rejected", case.code), receipt.message
    assert receipt.rows_in == receipt.rows_landed == 0
    assert re.match(r"[^–]+ – (alpha|beta)/.+ – à faire : .+", receipt.message)
    for word in case.words:
        assert word in receipt.message
    for value in ("Ana", "03/04/1980", "28/03/2024", "R1"):
        assert value not in receipt.message


def check_landed(case: Case, receipt: Receipt, scene: Scene) -> None:
    assert receipt.status == "accepted", receipt.message
    counts = (receipt.rows_landed, receipt.rows_deduplicated, receipt.rows_quarantined)
    assert (counts, receipt.rows_in) == (case.counts, sum(case.counts))
    assert (receipt.notes, receipt.values_unreadable) == (case.notes, case.unreadable)
    assert receipt.columns_unknown == case.unknown_columns
    landed = f"from synchro.raw_alpha.{case.extract} where _delivery_id = '{receipt.delivery_id}'"
    assert query(scene.settings, f"select count(*) {landed}") == [(case.counts[0],)]
    if case.stored:
        names = list(case.stored[0])
        found = query(scene.settings, f"select {', '.join(names)} {landed} order by _source_row")
        assert [dict(zip(names, values, strict=True)) for values in found] == list(case.stored)
    quarantined = query(
        scene.settings,
        "select source_row, column_name, code from synchro.raw.quarantine"
        f" where delivery_id = '{receipt.delivery_id}' order by all",
    )
    assert tuple(quarantined) == case.quarantine
    assert bool(case.quarantine) == (case.verdict == "quarantined")
    if case.persons is not None:
        statement = "select count(distinct identity_id) from vault.identity.record_identities where delivery_id = "
        assert query(scene.settings, f"{statement}'{receipt.delivery_id}'") == [(case.persons,)]


def check_nothing_else_changed(receipt: Receipt, scene: Scene) -> None:
    """February is as it was, and no table grew by more than this month's deliveries."""
    february = query(
        scene.settings, "select rows_landed from synchro.raw.deliveries where reference_month < '2024-03-01'"
    )
    assert february == [(1,)]
    of_february = "where date_visite = '2024-02-28'"
    assert query(scene.settings, f"select count(*) from synchro.raw_alpha.visits {of_february}") == [(1,)]
    known = "select delivery_id from synchro.raw.deliveries"
    for name in ("synchro.raw_alpha.visits", "synchro.raw_alpha.stays"):
        assert query(scene.settings, f"select count(*) from {name} where _delivery_id not in ({known})") == [(0,)]


def test_a_file_that_grows_while_it_is_landed_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    path = scene.put(text())
    before = state(scene.settings)
    refuse_mixing = landing._refuse_mixing

    def grow(*given: Any) -> Any:
        path.write_text(text(row(), row("R2")), encoding="utf-8")
        return refuse_mixing(*given)

    monkeypatch.setattr(landing, "_refuse_mixing", grow)
    [receipt] = land(scene.inbox, scene.settings)
    assert receipt.code == "CHANGING"
    assert state(scene.settings) == before


def test_a_corrected_delivery_leaves_the_first_as_it_was(scene: Scene):
    scene.put(text(row(), row("R2")))
    land(scene.inbox, scene.settings)
    rows = "select * from synchro.raw_alpha.visits where date_visite >= '2024-03-01' order by all"
    before = query(scene.settings, rows)
    scene.put(text(row("R3")), "visits_2024-03_v2.csv", reference_month="2024-03")
    land(scene.inbox, scene.settings)
    after = query(scene.settings, rows)
    assert set(before) < set(after)
    assert len(after) == len(before) + 1


def test_an_oversized_file_is_refused_in_little_memory(scene: Scene):
    [case] = [case for case in CASES if case.name == "fichier démesuré"]
    case.play(scene)
    tracemalloc.start()
    land(scene.inbox, scene.settings)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 2**20


def test_the_order_of_rows_and_columns_does_not_change_what_is_stored(scene: Scene, tmp_path: Path):
    rows = [row(f"R{n}", date=f"{n:02}/03/2024", places=str(n)) for n in range(10, 30)]
    scene.put(text(*rows))
    other = text(*(";".join(reversed(line.split(";"))) for line in reversed(rows)))
    other = other.replace(HEADER, ";".join(reversed(HEADER.split(";"))))
    scene.put(other, MARCH.replace("03.", "03_v2."), reference_month="2024-03")
    first, second = land(scene.inbox, scene.settings)
    columns = "_record_id, birth_year, date_visite, situation, places"
    found = [
        query(
            scene.settings,
            f"select {columns} from synchro.raw_alpha.visits where _delivery_id = '{id_}' order by all",
        )
        for id_ in (first.delivery_id, second.delivery_id)
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 20
