"""Stays that their operators forget to close: the stock hardly moves."""

from __future__ import annotations

import pytest

from conftest import Territory
from status_engine import STATUS_MODELS, STATUS_SEEDS, Engine

MODELS = (
    "stg_synchro__deliveries",
    "fct_open_stays",
    "fct_household_exits",
    "fct_stays",
    "fct_declarations",
    "fct_stated_evidence",
    *STATUS_MODELS,
)
COPIED = (
    *STATUS_SEEDS,
    "vocabularies.voc_request_status",
    "vocabularies.voc_exit_reason",
    "reference.structures",
    "raw.deliveries",
    "harmonised.hrm_stays",
    "harmonised.hrm_contacts",
    "harmonised.hrm_requests",
    "harmonised.hrm_records",
    "compiled.bridge_person_records",
    "compiled.dim_months",
)
DRAWS = 12


@pytest.fixture(scope="module")
def engine(territory: Territory) -> Engine:
    engine = Engine(territory, MODELS, copied=COPIED)
    engine.execute("create table harmonised.sound_stays as from harmonised.hrm_stays")
    return engine


def _stock(engine: Engine) -> int:
    """Persons without a home at each month's end, all months together."""
    engine.run()
    return engine.rows(
        "select count(*) from compiled.fct_person_month_statuses where status = 'active' and not is_opening"
    )[0][0]


def _forget_exits(engine: Engine, draw: int) -> int:
    """Leave open one homeless stay in twenty, the exit never written; returns how many.

    Half of them stay on the list for two months more, the others for good.
    """
    engine.execute("create or replace table harmonised.hrm_stays as from harmonised.sound_stays")
    engine.execute(
        f"""
        create or replace temp table forgotten as
        with ended as (
            -- Numbered by what the operator wrote: tokens change with the keys, and with them their order.
            select
                stay_id,
                max(reference_month) as last_listed,
                row_number() over (
                    order by max(exit_date), min(entry_date), any_value(operator), any_value(structure), stay_id
                ) as stay_number
            from harmonised.hrm_stays
            where situation in (select code from vocabularies.voc_situation where is_homeless)
            group by stay_id
            having bool_or(exit_date is not null)
        )

        select stay_id, last_listed, stay_number // 20 % 2 = 0 as is_cleaned
        from ended
        where stay_number % 20 = {draw}
        """
    )
    engine.execute(
        """
        update harmonised.hrm_stays as stays
        set
            exit_date = null, exit_reason = 'unknown', exit_destination = 'unknown',
            reference_month = case
                when stays.reference_month < forgotten.last_listed then stays.reference_month
                when forgotten.is_cleaned
                    then least(stays.reference_month + interval 2 month, months.last_month)
                else months.last_month
            end
        from forgotten, (select max(reference_month) as last_month from compiled.dim_months) as months
        where stays.stay_id = forgotten.stay_id
        """
    )
    return engine.rows("select count(*) from forgotten")[0][0]


def test_one_stay_in_twenty_left_open_moves_the_stock_by_less_than_half_a_percent(engine: Engine) -> None:
    engine.execute("create or replace table harmonised.hrm_stays as from harmonised.sound_stays")
    sound = _stock(engine)
    forgotten, moved, reasons = 0, 0, set()
    for draw in range(DRAWS):
        forgotten += _forget_exits(engine, draw)
        moved += abs(_stock(engine) - sound)
        reasons |= set(
            engine.rows("select closing_reason from compiled.fct_stays inner join forgotten using (stay_id)")
        )
    assert forgotten > 2 * DRAWS
    # A small territory: the draws are taken together, each by how far it moved, up or down.
    assert moved <= 0.005 * DRAWS * sound
    # Every one of them ends for a reason of its own, though nobody wrote it.
    assert ("moved_on",) in reasons
    assert ("exit_recorded",) not in reasons
