"""The benches that stand on a project of their own still run: nothing else would tell before someone measures."""

from __future__ import annotations

import pytest

from bench.landing import measure


def test_landing_is_measured_on_a_file_that_lands_whole(capsys: pytest.CaptureFixture[str]) -> None:
    measure(2_000)
    assert "2000 lignes retenues sur 2000" in capsys.readouterr().out
