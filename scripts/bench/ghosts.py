"""How far the stock moves when the exit of one stay without a home in twenty was never written.

`python -m bench.ghosts [DRAWS]`. The default territory is landed and built once. Each of up to twenty draws leaves
another twentieth of its ended stays open in the harmonised table; half of these stay on their operator's list for
two months more, the others for good. The compiled layer then runs in memory as dbt compiled it, and its stock is
compared, month by month, with that of the exits as written. What the rules could not do better is shown beside it:
the same with the day of each exit known, but neither its reason nor where the person went.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from bench.engine import STATUS_MODELS, STATUS_SEEDS, Engine
from bench.layers import build_default

MODELS = (
    "stg_synchro__deliveries",
    "fct_stay_lists",
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
DRAWS = 20
AIM_PERCENT = 0.5
_STOCK = """
    select count(*) filter (where status = 'active') from compiled.fct_person_month_statuses
    where not is_opening
    group by reference_month
    order by reference_month
"""


@dataclass(frozen=True)
class Gap:
    """How far the stock moves, in % of itself: over all draws and months, and in the worst of them."""

    mean_percent: float
    worst_percent: float


def remember_exits(engine: Engine) -> list[int]:
    """Keep the stays as written, and return the stock they give at each month's end."""
    engine.execute("create table harmonised.sound_stays as from harmonised.hrm_stays")
    return stocks(engine)


def stocks(engine: Engine) -> list[int]:
    """Persons without a home at each month's end."""
    engine.run()
    return [count for (count,) in engine.rows(_STOCK)]


def forget_exits(engine: Engine, draw: int) -> int:
    """Leave open the draw's twentieth (0 to 19) of the homeless stays that ended; returns how many.

    Table `forgotten` then names them. Needs `remember_exits` first.
    """
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
            from harmonised.sound_stays
            where situation in (select code from vocabularies.voc_situation where is_homeless)
            group by stay_id
            having bool_or(exit_date is not null)
        )

        select stay_id, last_listed, stay_number // {DRAWS} % 2 = 0 as is_cleaned
        from ended
        where stay_number % {DRAWS} = {draw}
        """
    )
    # The month of the row that tells the stay moves with how long it is still listed.
    engine.execute(
        """
        create or replace table harmonised.hrm_stays as
        with months as (select max(reference_month) as last_month from compiled.dim_months)

        select stays.* replace (
            if(forgotten.stay_id is null, stays.exit_date, null) as exit_date,
            if(forgotten.stay_id is null, stays.exit_reason, 'unknown') as exit_reason,
            if(forgotten.stay_id is null, stays.exit_destination, 'unknown') as exit_destination,
            case
                when forgotten.stay_id is null or stays.reference_month < forgotten.last_listed
                    then stays.reference_month
                when forgotten.is_cleaned
                    then least(stays.reference_month + interval 2 month, months.last_month)
                else months.last_month
            end as reference_month
        )
        from harmonised.sound_stays as stays
        left join forgotten on stays.stay_id = forgotten.stay_id
        cross join months
        """
    )
    return engine.rows("select count(*) from forgotten")[0][0]


def tell_days(engine: Engine) -> None:
    """Give the forgotten exits their day again, without their reason nor where the persons went."""
    engine.execute(
        """
        create or replace table harmonised.hrm_stays as
        select stays.* replace (
            if(forgotten.stay_id is null, stays.exit_reason, 'unknown') as exit_reason,
            if(forgotten.stay_id is null, stays.exit_destination, 'unknown') as exit_destination
        )
        from harmonised.sound_stays as stays
        left join forgotten on stays.stay_id = forgotten.stay_id
        """
    )


def measure(engine: Engine, draws: int = DRAWS) -> tuple[Gap, Gap]:
    """The gap of the rules, and that of whoever would know the days."""
    sound = remember_exits(engine)
    by_rules, by_days = [], []
    for draw in range(draws):
        forget_exits(engine, draw)
        by_rules += _gaps(stocks(engine), sound)
        tell_days(engine)
        by_days += _gaps(stocks(engine), sound)
    return Gap(mean(by_rules), max(by_rules)), Gap(mean(by_days), max(by_days))


def _gaps(counts: list[int], sound: list[int]) -> list[float]:
    return [100 * abs(count - before) / before for count, before in zip(counts, sound, strict=True)]


def main(draws: int = DRAWS) -> None:
    """Print both gaps of the default territory."""
    with tempfile.TemporaryDirectory() as folder:
        settings = build_default(Path(folder))
        gaps = measure(Engine(settings.warehouse, Path(folder, "target"), MODELS, copied=COPIED), draws)
    for name, gap in zip(("rules", "days of exit known"), gaps, strict=True):
        print(f"{name:<20} mean {gap.mean_percent:.2f} %   worst month {gap.worst_percent:.2f} %")
    print(f"aim: {AIM_PERCENT} % (what the days would not mend, no rule does)")


if __name__ == "__main__":
    main(*(int(draws) for draws in sys.argv[1:]))
