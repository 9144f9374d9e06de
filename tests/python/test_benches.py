"""The benches that stand on a project of their own still run: nothing else would tell before someone measures."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

BENCHES = Path(__file__).parents[2] / "scripts" / "bench"


def bench(name: str) -> ModuleType:
    """A bench as `make bench` runs it: a script, not a module of the package."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCHES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_landing_is_measured_on_a_file_that_lands_whole(capsys: pytest.CaptureFixture[str]) -> None:
    bench("landing").measure(2_000)
    assert "2000 lignes retenues sur 2000" in capsys.readouterr().out
