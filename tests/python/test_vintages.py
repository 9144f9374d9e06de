"""Published figures stay as they were published, and a month that nobody published can be made up for."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from conftest import PROJECT, Territory, settings_in
from synchro import vintages
from synchro.build import run_dbt
from synchro.cli import app
from synchro.settings import Settings
from synchro.vintages import append_figures, built_figures, months_to_rebuild, rebuild_vintages


@pytest.fixture
def installation(territory: Territory, tmp_path: Path) -> Settings:
    """A copy of the built territory's two files and keys, free to be changed."""
    settings = settings_in(tmp_path)
    for name in ("warehouse", "vault", "keys"):
        copy: Path = getattr(settings, name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(getattr(territory.settings, name), copy)
    return settings


def _rows(settings: Settings, query: str) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _with_stock(figures: pa.Table, change: int) -> pa.Table:
    """The same figures, the total stock of persons changed in every month."""
    is_stock = pc.and_(
        pc.equal(figures["indicator"], "active_end"),
        pc.and_(pc.equal(figures["segment_type"], "total"), pc.equal(figures["unit"], "person")),
    )
    changed = pc.if_else(is_stock, pc.add(figures["figure"], change), figures["figure"])
    return figures.set_column(figures.schema.get_field_index("figure"), "figure", changed)


def test_a_figure_is_written_again_only_when_it_changed(installation: Settings) -> None:
    figures = built_figures(installation)
    assert append_figures(installation, figures, "published") == len(figures) > 100
    assert append_figures(installation, figures, "published") == 0
    months = len(set(figures["reference_month"].to_pylist()))
    assert append_figures(installation, _with_stock(figures, 1), "published") == months
    counts = _rows(installation, "select vintage_number, count(*) from raw.published_figures group by all order by 1")
    assert counts == [(1, len(figures)), (2, months)]


def test_publishing_keeps_a_vintage(
    installation: Settings, territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("warehouse", "vault", "keys", "receipts", "published"):
        monkeypatch.setenv(f"SYNCHRO_{name.upper()}", str(getattr(installation, name)))
    monkeypatch.setenv("SYNCHRO_PROJECT", str(PROJECT))
    monkeypatch.setenv("DBT_TARGET_PATH", str(territory.target))
    for _ in range(2):
        result = CliRunner().invoke(app, ["publish", "--audience", "internal"])
        assert result.exit_code == 0, result.output
    kept = "select reference_month, unit, segment_type, segment, indicator, figure from raw.published_figures"
    built = "select reference_month, unit, segment_type, segment, indicator, figure from indicators.ind_headlines"
    assert _rows(installation, f"{kept} order by all") == _rows(installation, f"{built} order by all")
    assert _rows(installation, "select distinct origin, vintage_number from raw.published_figures") == [
        ("published", 1)
    ]


def test_revisions_compare_with_the_first_publication(installation: Settings, tmp_path: Path) -> None:
    first = _with_stock(built_figures(installation), 3)
    # As if published before the last deliveries came.
    before = pa.array([first["known_until"][0].as_py().replace(day=1)] * len(first), first["known_until"].type)
    first = first.set_column(first.schema.get_field_index("known_until"), "known_until", before)
    append_figures(installation, first, "published")
    arguments = ["build", "--select", "stg_synchro__published_figures+"]
    assert not run_dbt(installation, arguments, target_dir=tmp_path / "target").failed
    revised = _rows(
        installation,
        """
        select distinct unit, segment_type, indicator, revision, reason is null
        from indicators.ind_revisions
        where is_revised
        """,
    )
    assert revised == [("person", "total", "active_end", -3.0, False)]
    kept = _rows(installation, "select count(*), count(reason) from indicators.ind_revisions where not is_revised")
    assert kept[0][0] > 100
    assert kept[0][1] == 0


def test_a_missing_vintage_is_built_as_of_the_due_day(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = months_to_rebuild(installation)
    assert len(missing) == 6
    month, due_date = missing[1]
    # One is enough: the others take as long.
    monkeypatch.setattr(vintages, "months_to_rebuild", lambda _: [(month, due_date)])
    before = _rows(installation, "from indicators.ind_monthly_flows order by all")
    written = rebuild_vintages(installation)
    assert _rows(installation, "from indicators.ind_monthly_flows order by all") == before
    kept = _rows(
        installation,
        "select origin, max(known_until), max(reference_month), count(*) from raw.published_figures group by all",
    )
    assert len(kept) == 1
    assert kept[0][0] == "rebuilt"
    assert kept[0][1].date() <= due_date
    assert kept[0][2:] == (month, written[month])
    # The month before it was due earlier: what was known then is still to be built.
    monkeypatch.undo()
    assert months_to_rebuild(installation) == [missing[0], *missing[2:]]
