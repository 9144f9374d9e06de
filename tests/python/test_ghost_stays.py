"""Stays that their operators forget to close: the stock hardly moves."""

from __future__ import annotations

import pytest

from bench.ghosts import AIM_PERCENT, COPIED, DRAWS, MODELS, forget_exits, remember_exits, stocks, tell_days
from conftest import Territory
from status_engine import Engine


@pytest.fixture(scope="module")
def engine(territory: Territory) -> Engine:
    return Engine(territory, MODELS, copied=COPIED)


def test_one_stay_in_twenty_left_open_moves_the_stock_by_less_than_half_a_percent(engine: Engine) -> None:
    sound = sum(remember_exits(engine))
    forgotten, moved, known, reasons = 0, 0, 0, set()
    for draw in range(DRAWS):
        forgotten += forget_exits(engine, draw)
        moved += abs(sum(stocks(engine)) - sound)
        reasons |= set(
            engine.rows("select closing_reason from compiled.fct_stays inner join forgotten using (stay_id)")
        )
        tell_days(engine)
        known += abs(sum(stocks(engine)) - sound)
    assert forgotten > 2 * DRAWS
    # A small territory: the draws are taken together, each by how far it moved, up or down.
    assert moved <= AIM_PERCENT / 100 * DRAWS * sound
    # Nothing beats knowing the days.
    assert known <= moved
    # Every one of them ends for a reason of its own, though nobody wrote it.
    assert ("moved_on",) in reasons
    assert ("exit_recorded",) not in reasons
