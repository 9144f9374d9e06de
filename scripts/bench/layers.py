"""Time and memory of the compiled and indicator layers at 1, 10 and 100 times the default territory.

`python scripts/bench/layers.py [FACTOR...]`, 1 and 10 when none is given; 100 takes a quarter of an hour and 8 GB.
The default territory (900 persons at a time, 24 months) is landed and built once. Ten or a hundred times as many
persons are that many copies of what these two layers read of persons: the harmonised tables and the persons of the
linkage, every id made anew in each copy. This is fair to both layers, which compare no person with another but
through ids: each copy is a territory of the same shape, and days, words, months and operators meet as often as they
would in a large one. It says nothing of landing and linkage, which have benches of their own.

Both layers are built by dbt, contracts included, tests not, each in a process of its own, a model after the other.
The CPU of the SQL is what the process spends while a statement fills a table; the rest is dbt's own work, which
depends on the number of models and not of persons. Beside them stands one hand-written query of the monthly stock
alone (stock.sql), which must find the same stock. CPU seconds are given because wall time depends on what else the
machine does.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from synchro.build import run_dbt
from synchro.keys import generate_keys
from synchro.landing import land
from synchro.settings import Settings
from synchro.simulate import simulate
from synchro.warehouse import connect_read_only

PERSONS = 900
FACTORS = (1, 10)
LAYERS = ("compiled", "indicators")
# DuckDB spills beyond it; what Python, dbt and the allocator take comes on top.
MEMORY_LIMIT = "6GB"
AIMS = "growth no worse than linear, peak under 8 GB"
# Ids of operators' numbers and of persons; a delivery is the same for all.
_COPIED = {
    "synchro.harmonised.hrm_records": ("record_id", "household_record_id"),
    "synchro.harmonised.hrm_contacts": ("contact_id", "record_id", "household_record_id"),
    "synchro.harmonised.hrm_stays": ("stay_id", "stay_listing_id", "record_id", "household_record_id"),
    "synchro.harmonised.hrm_requests": ("request_id", "request_listing_id", "record_id", "household_record_id"),
    "vault.linked.lnk_person_records": ("record_id", "person_id"),
    "vault.linked.lnk_anonymous_records": ("record_id",),
}
_ACTIVE = """
    select reference_month, count(*) as active from compiled.fct_person_months
    where status = 'active'
    group by reference_month
    order by reference_month
"""


def build_default(folder: Path) -> None:
    """The default territory landed and built, without its tests."""
    settings = Settings.in_folder(folder)
    generate_keys(settings.keys)
    simulate(folder / "territory", persons=PERSONS)
    land(folder / "territory" / "inbox", settings)
    _dbt(settings, folder / "target", "build", "--exclude-resource-type", "test", "unit_test")


def multiply(default: Settings, folder: Path, factor: int) -> None:
    """Write an installation whose harmonised and linked tables hold `factor` copies of the persons of `default`."""
    settings = Settings.in_folder(folder)
    settings.warehouse.parent.mkdir(parents=True)
    shutil.copy2(default.warehouse, settings.warehouse)
    shutil.copy2(default.vault, settings.vault)
    with closing(duckdb.connect(config={"memory_limit": MEMORY_LIMIT})) as connection:
        connection.execute(f"set temp_directory = '{folder / 'spill'}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{settings.warehouse}' as synchro; attach '{settings.vault}' as vault")
        for table, ids in _COPIED.items():
            keys = ", ".join(f"md5({name} || '-' || copies.range) as {name}" for name in ids)
            copies = f"select * exclude (range) replace ({keys}) from {table}, range({factor}) as copies"
            connection.execute(f"create or replace table {table} as {copies}")


class SqlClock:
    """CPU seconds of this process while dbt's statements fill a table; they must not overlap."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._start: float | None = None

    def __call__(self, event: Any) -> None:
        if event.info.name == "SQLQuery" and "insert into" in event.data.sql:
            self._start = time.process_time()
        elif event.info.name == "SQLQueryStatus" and self._start is not None:
            self.seconds += time.process_time() - self._start
            self._start = None


def build_layer(folder: Path, target: Path, layer: str) -> float:
    """Build one layer of the marts by dbt; returns the CPU seconds of its SQL."""
    clock = SqlClock()
    _dbt(Settings.in_folder(folder), target, "run", "--select", f"path:models/marts/{layer}", callbacks=[clock])
    return clock.seconds


def query_stock(folder: Path) -> float:
    """CPU seconds of the hand-written query; stops if its stock is not that of the compiled layer."""
    with closing(connect_read_only(Settings.in_folder(folder))) as connection:
        connection.execute("use synchro")
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'; set temp_directory = '{folder / 'spill'}'")
        connection.execute("set nested_loop_join_threshold = 200")
        start = time.process_time()
        by_hand = connection.execute(Path(__file__).with_name("stock.sql").read_text(encoding="utf-8")).fetchall()
        seconds = time.process_time() - start
        if by_hand != connection.execute(_ACTIVE).fetchall():
            raise SystemExit("the hand-written query and the compiled layer disagree on the stock")
    return seconds


def measured(step: str, default: Path, folder: Path, factor: int) -> dict[str, float]:
    """Do a step; CPU seconds of its SQL and of all of it, wall seconds, and peak memory of this process in GB."""
    wall, cpu, sql = time.perf_counter(), time.process_time(), 0.0
    if step == "default":
        build_default(default)
    elif step == "multiply":
        multiply(Settings.in_folder(default), folder, factor)
    elif step == "stock":
        sql = query_stock(folder)
    else:
        sql = build_layer(folder, default / "target", step)
    return {
        "sql_cpu_s": sql,
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def main(factors: tuple[int, ...]) -> None:
    """Print, for each factor as it is measured, a row per layer, both together, and the hand-written query."""
    print(f"Aims: {AIMS}. Growth: CPU of the SQL over that of the first factor.")
    titles = ("sql cpu s", "cpu s", "wall s", "peak GB", "growth", "/ stock")
    print(f"{'times':>6} {'layer':<12}" + "".join(f"{title:>10}" for title in titles), flush=True)
    first: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as default:
        _in_a_process("default", default, default, 1)
        for factor in factors:
            with tempfile.TemporaryDirectory() as folder:
                _in_a_process("multiply", default, folder, factor)
                layers = {layer: _in_a_process(layer, default, folder, factor) for layer in LAYERS}
                stock = _in_a_process("stock", default, folder, factor)
            for name, figures in {**layers, "both": _both(layers), "stock": stock}.items():
                growth = figures["sql_cpu_s"] / first.setdefault(name, figures["sql_cpu_s"])
                shown = (*figures.values(), growth, figures["sql_cpu_s"] / stock["sql_cpu_s"])
                print(f"{factor:>6} {name:<12}" + "".join(f"{figure:>10.1f}" for figure in shown), flush=True)


def _both(layers: dict[str, dict[str, float]]) -> dict[str, float]:
    return {
        name: (max if name == "peak_gb" else sum)(figures[name] for figures in layers.values())
        for name in layers[LAYERS[0]]
    }


def _in_a_process(step: str, default: str, folder: str, factor: int) -> dict[str, float]:
    # A process begins with the peak of the one that starts it: whatever takes memory is done in one of its own.
    command = [sys.executable, __file__, "--step", step, default, folder, str(factor)]
    # One model after the other: statements that overlap could not be told apart.
    environment = {**os.environ, "SYNCHRO_MEMORY": MEMORY_LIMIT, "SYNCHRO_THREADS": "1"}
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603
    return json.loads(finished.stdout.splitlines()[-1])


def _dbt(settings: Settings, target: Path, *arguments: str, callbacks: Sequence[SqlClock] = ()) -> None:
    result = run_dbt(settings, arguments, callbacks, target)
    if result.failed:
        raise SystemExit(f"dbt failed on {', '.join(result.failed)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step, default, folder, factor = sys.argv[2:]
        print(json.dumps(measured(step, Path(default), Path(folder), int(factor))))
    else:
        main(tuple(int(factor) for factor in sys.argv[1:]) or FACTORS)
