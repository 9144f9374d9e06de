"""What the whole way promises: landing again, in another order, or looking back gives the tables one expects."""

from __future__ import annotations

import json
import random
import shutil
from datetime import datetime
from pathlib import Path

from conftest import Territory, settings_in
from digests import table_digests
from synchro.artifacts import read_artifacts
from synchro.build import run_dbt
from synchro.landing import land
from synchro.settings import Settings

BUILT = ("staging", "harmonised", "linked", "compiled", "indicators", "quality")


def _installation(folder: Path, keys_file: Path) -> Settings:
    settings = settings_in(folder)
    settings.keys.parent.mkdir(parents=True)
    shutil.copy2(keys_file, settings.keys)
    return settings


def _build(settings: Settings, target: Path, as_of: str | None = None) -> None:
    arguments = ["build", "--exclude-resource-type", "test", "unit_test"]
    if as_of:
        arguments += ["--vars", json.dumps({"as_of": as_of})]
    assert not run_dbt(settings, arguments, target_dir=target).failed


def _deliveries(inbox: Path) -> list[tuple[Path, Path]]:
    """(file, manifest) of every delivery of an inbox, sorted."""
    manifests = sorted(inbox.rglob("*.manifest.json"))
    return [(path.with_name(path.name.removesuffix(".manifest.json")), path) for path in manifests]


def _copy(deliveries: list[tuple[Path, Path]], inbox: Path, to: Path) -> Path:
    for paths in deliveries:
        for path in paths:
            target = to / path.relative_to(inbox)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    return to


def test_lineage_ends_in_exactly_what_is_published(territory: Territory) -> None:
    exposures = json.loads((territory.target / "manifest.json").read_text())["exposures"]
    named = set(exposures["exposure.synchro.internal_publication"]["depends_on"]["nodes"])
    published = {table.unique_id for table in read_artifacts(territory.target).tables}
    assert named == {table for table in published if table.startswith("model.")}
    for exposure in exposures.values():
        assert set(exposure["depends_on"]["nodes"]) <= named, exposure["name"]


def test_landing_everything_again_leaves_every_byte(territory: Territory) -> None:
    files = (territory.settings.warehouse, territory.settings.vault)
    before = [path.read_bytes() for path in files]
    receipts = land(territory.inbox, territory.settings)
    assert {receipt.status for receipt in receipts} == {"duplicate"}
    assert [path.read_bytes() for path in files] == before


def test_files_landed_in_any_order_give_the_same_tables(
    territory: Territory, keys_file: Path, tmp_path: Path
) -> None:
    shuffled = _deliveries(territory.inbox)
    random.Random(3).shuffle(shuffled)
    settings = _installation(tmp_path, keys_file)
    third = len(shuffled) // 3
    for number, part in enumerate((shuffled[:third], shuffled[third : 2 * third], shuffled[2 * third :])):
        land(_copy(part, territory.inbox, tmp_path / f"inbox-{number}"), settings)
    _build(settings, tmp_path / "target")
    assert table_digests(settings) == table_digests(territory.settings)


def test_as_of_a_past_day_gives_what_a_build_gave_that_day(
    territory: Territory, keys_file: Path, tmp_path: Path
) -> None:
    deliveries = _deliveries(territory.inbox)
    received = {manifest: json.loads(manifest.read_text())["received_at"] for _, manifest in deliveries}
    # Past the middle, so that late files and corrections of earlier months fall on both sides.
    moments = sorted(received.values())
    day = datetime.fromisoformat(moments[2 * len(moments) // 3]).date().isoformat()
    known_then = [pair for pair in deliveries if received[pair[1]][:10] <= day]
    assert len(known_then) < len(deliveries)

    then = _installation(tmp_path / "then", keys_file)
    land(_copy(known_then, territory.inbox, tmp_path / "inbox"), then)
    _build(then, tmp_path / "then" / "target", as_of=day)

    now = settings_in(tmp_path / "now")
    now.warehouse.parent.mkdir(parents=True)
    shutil.copy2(territory.settings.warehouse, now.warehouse)
    shutil.copy2(territory.settings.vault, now.vault)
    _build(now, tmp_path / "now" / "target", as_of=day)
    assert table_digests(now, BUILT) == table_digests(then, BUILT)
    assert table_digests(now, BUILT) != table_digests(territory.settings, BUILT)
