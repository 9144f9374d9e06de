"""Deliveries linked as they arrive, a correction and a late file among them, give the persons of linking at once."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from conftest import Territory, settings_in
from digests import table_digests
from synchro.build import run_dbt
from synchro.inbox import MANIFEST_SUFFIX
from synchro.landing import land
from synchro.settings import Settings
from synchro.warehouse import connect_read_only

# Between the first sending of a file and its correction, between the correction and a file five weeks late, the end.
MOMENTS = [datetime(2024, 4, 16), datetime(2024, 5, 14), datetime(2024, 12, 31)]


@pytest.fixture(scope="module")
def stages(territory: Territory, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[dict[str, str]]]:
    """An installation where what had arrived at each moment was landed and linked: record -> person each time."""
    folder = tmp_path_factory.mktemp("monthly")
    settings = settings_in(folder)
    settings.keys.parent.mkdir(parents=True)
    shutil.copy2(territory.settings.keys, settings.keys)
    persons = []
    for moment in MOMENTS:
        arrived = {receipt.status for receipt in land(_received_until(territory.inbox, moment, folder), settings)}
        assert arrived <= {"accepted", "duplicate"}
        result = run_dbt(
            settings,
            ["build", "--select", "+lnk_person_history", "--exclude-resource-type", "test", "unit_test"],
            target_dir=folder / "target",
        )
        assert not result.failed, result.failed
        with connect_read_only(settings) as con:
            persons.append(
                dict(con.execute("select record_id, person_id from vault.linked.lnk_person_records").fetchall())
            )
    return settings, persons


def _received_until(inbox: Path, moment: datetime, folder: Path) -> Path:
    """The inbox as it was at a moment: everything received so far, and nothing else."""
    so_far = folder / f"inbox_{moment:%Y%m%d}"
    for manifest in sorted(inbox.rglob(f"*{MANIFEST_SUFFIX}")):
        if datetime.fromisoformat(json.loads(manifest.read_text(encoding="utf-8"))["received_at"]) <= moment:
            target = so_far / manifest.relative_to(inbox).parent
            target.mkdir(parents=True, exist_ok=True)
            for path in (manifest, manifest.with_name(manifest.name.removesuffix(MANIFEST_SUFFIX))):
                shutil.copy2(path, target)
    return so_far


def test_a_correction_and_a_late_file_came_between(stages: tuple[Settings, list[dict[str, str]]]) -> None:
    settings, persons = stages
    with connect_read_only(settings) as con:
        deliveries = con.execute(
            "select file_name, reference_month, received_at from synchro.raw.deliveries"
        ).fetchall()
    corrections = [received for name, _, received in deliveries if "_v2" in name]
    late = [
        received for _, month, received in deliveries if (received - datetime(month.year, month.month, 1)).days > 62
    ]
    assert all(MOMENTS[0] < received <= MOMENTS[1] for received in corrections)
    assert all(MOMENTS[1] < received <= MOMENTS[2] for received in late)
    assert len(corrections) == len(late) == 1
    assert set(persons[0]) < set(persons[1]) < set(persons[2])


def test_the_persons_are_those_of_linking_everything_at_once(
    stages: tuple[Settings, list[dict[str, str]]], territory: Territory
) -> None:
    gradual, at_once = (table_digests(settings, ("linked",)) for settings in (stages[0], territory.settings))
    assert {"vault.linked.lnk_person_records", "vault.linked.lnk_person_history"} <= set(gradual)
    assert gradual == {name: digest for name, digest in at_once.items() if name in gradual}


def test_an_id_that_was_known_once_is_still_a_person_or_its_end_is_told(
    stages: tuple[Settings, list[dict[str, str]]],
) -> None:
    settings, persons = stages
    final = persons[-1]
    with connect_read_only(settings) as con:
        rows = con.execute(
            "select former_person_id, person_id, happened_at from vault.linked.lnk_person_history"
            " where change = 'merged'"
        ).fetchall()
    told = {former: (person, happened) for former, person, happened in rows}
    for moment, earlier in zip(MOMENTS, persons[:-1], strict=False):
        gone = set(earlier.values()) - set(final.values())
        assert {former: told[former][0] for former in gone} == {former: final[former] for former in gone}
        assert all(told[former][1] > moment for former in gone)
