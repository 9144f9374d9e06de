"""Vintages: headline figures kept beside the deliveries as they were published, appended and never altered.

`ind_revisions` and `ind_reliability` compare them with what is known now. A month that nobody published can be made
up for: the deliveries say what was known on the day its last file was due.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date

import pyarrow as pa

from synchro.build import run_dbt
from synchro.errors import SynchroError
from synchro.lock import one_run_at_a_time
from synchro.settings import Settings
from synchro.warehouse import connect_read_only, connect_to_write, transaction

Progress = Callable[[str, int, int], None]

_FIGURES = """
    select
        builds.known_until, builds.rules_digest, builds.linkage_digest,
        figures.reference_month, figures.unit, figures.segment_type, figures.segment,
        figures.indicator, figures.figure
    from synchro.indicators.ind_headlines as figures
    cross join synchro.quality.dq_build as builds
    order by all
"""
# A figure is written again only when it changed since the vintage that was known before.
_APPEND = """
    with known as (
        select
            published.reference_month, published.unit, published.segment_type, published.segment,
            published.indicator,
            arg_max(published.figure, row(published.known_until, published.vintage_number)) as figure
        from synchro.raw.published_figures as published
        where published.known_until <= (select max(known_until) from new_figures)
        group by all
    )
    insert into synchro.raw.published_figures by name
    select
        (select coalesce(max(vintage_number), 0) + 1 from synchro.raw.published_figures) as vintage_number,
        ? as origin,
        new_figures.*
    from new_figures
    left join known using (reference_month, unit, segment_type, segment, indicator)
    where known.figure is distinct from new_figures.figure
"""
_MONTHS_TO_REBUILD = """
    select deliveries.reference_month, max(deliveries.due_date)
    from synchro.quality.dq_deliveries as deliveries
    group by deliveries.reference_month
    having not exists (
        select 1 from synchro.raw.published_figures as published
        where
            published.reference_month = deliveries.reference_month
            and published.known_until < max(deliveries.due_date) + 1
    )
    order by deliveries.reference_month
"""


def built_figures(settings: Settings) -> pa.Table:
    """The headline figures of a finished build, with what they rest on: one row per figure."""
    with closing(connect_read_only(settings)) as connection:
        return connection.execute(_FIGURES).to_arrow_table()


def append_figures(settings: Settings, figures: pa.Table, origin: str) -> int:
    """Write a vintage of `figures` (`origin`: published or rebuilt); returns how many were new or had changed.

    Publishing the same figures again writes nothing. Raises LockedDatabase while another process reads or writes.
    """
    with closing(connect_to_write(settings)) as connection, transaction(connection):
        connection.register("new_figures", figures)
        return connection.execute(_APPEND, [origin]).fetchone()[0]


def months_to_rebuild(settings: Settings) -> list[tuple[date, date]]:
    """(month, day its last file was due) of the months without a vintage from that day or before."""
    with closing(connect_read_only(settings)) as connection:
        return connection.execute(_MONTHS_TO_REBUILD).fetchall()


def rebuild_vintages(settings: Settings, progress: Progress | None = None) -> dict[date, int]:
    """Build each missing vintage as of its month's due day, in a copy; returns how many figures each one wrote.

    Linkage weights and rules are those in force now: a rebuilt vintage shows what deliveries changed, nothing else.
    Raises SynchroError `VINTAGE` when dbt fails; vintages written before it stay.
    """
    written: dict[date, int] = {}
    months = months_to_rebuild(settings)
    with one_run_at_a_time(settings) as scratch:
        draft = replace(settings, warehouse=scratch / "synchro.duckdb", vault=scratch / "vault.duckdb")
        shutil.copy2(settings.warehouse, draft.warehouse)
        shutil.copy2(settings.vault, draft.vault)
        for done, (month, due_date) in enumerate(months, start=1):
            arguments = ["run", "--select", "+ind_headlines", "dq_build"]
            arguments += ["--vars", json.dumps({"as_of": due_date.isoformat()})]
            if run_dbt(draft, arguments, target_dir=scratch / "target").failed:
                raise SynchroError(
                    "VINTAGE",
                    f"Le mois {month:%m/%Y} n'a pas pu être reconstruit au {due_date:%d/%m/%Y}",
                    todo=f"lancer « dbt build --vars '{{as_of: {due_date}}}' » sur une copie pour lire la cause",
                )
            written[month] = append_figures(settings, built_figures(draft), "rebuilt")
            if progress:
                progress("Millésimes", done, len(months))
    return written
