"""One small simulated territory, landed and built once for all tests that read a finished build."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from synchro.build import run_dbt
from synchro.keys import generate_keys
from synchro.landing import land
from synchro.settings import Settings
from synchro.simulate import simulate

PROJECT = Path(__file__).resolve().parents[2]


def settings_in(folder: Path) -> Settings:
    """An installation of its own, on the project's models and contracts."""
    return Settings.in_folder(folder, PROJECT)


@dataclass(frozen=True)
class Territory:
    """A simulated territory and its build: where its files, its truth and its dbt artefacts are."""

    settings: Settings
    inbox: Path
    truth: Path
    target: Path


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A territory of a hundred persons over six months, long enough for a 90-day inactivity to show."""
    out = tmp_path_factory.mktemp("territory")
    simulate(out, persons=100, months=6, seed=7)
    return out


@pytest.fixture(scope="session")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demonstration keys shared by every installation of the session, so that their tables can be compared."""
    path = tmp_path_factory.mktemp("keys") / "synchro.json"
    generate_keys(path)
    return path


@pytest.fixture(scope="session")
def territory(simulated: Path, keys_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Territory:
    """The simulated territory landed and built, every test of dbt passed."""
    folder = tmp_path_factory.mktemp("built")
    settings = settings_in(folder)
    settings.keys.parent.mkdir(parents=True)
    shutil.copy2(keys_file, settings.keys)
    receipts = land(simulated / "inbox", settings)
    assert {receipt.status for receipt in receipts} == {"accepted"}
    result = run_dbt(settings, ["build"], target_dir=folder / "target")
    assert not result.failed, result.failed
    return Territory(settings, simulated / "inbox", simulated / "truth", folder / "target")
