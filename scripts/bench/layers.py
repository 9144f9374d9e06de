"""Time and memory of the compiled and indicator layers at 1, 10 and 100 times the default territory.

`python scripts/bench/layers.py [FACTOR...]`. The default territory (900 persons at a time, 24 months) is landed and
built once. Ten or a hundred times as many persons are that many copies of what these two layers read of persons: the
harmonised tables and the persons of the linkage, every id made anew in each copy. This is fair to both layers,
which compare no person with another but through ids: each copy is a territory of the same shape, and days, words,
months and operators meet as often as they would in a large one. It says nothing of landing and linkage, which have
benches of their own. Both layers are built by dbt, contracts included, tests not, each in a process of its own under
the memory limit of profiles.yml; beside them stands one hand-written query of the monthly stock alone (stock.sql),
which must find the same stock. On one territory dbt's own work per model outweighs the SQL: read growth and the
ratio to the query from 10 on. CPU seconds are given because wall time depends on what else the machine does.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from synchro.build import run_dbt
from synchro.keys import generate_keys
from synchro.landing import land
from synchro.settings import Settings
from synchro.simulate import simulate
from synchro.warehouse import connect_read_only

PERSONS = 900
FACTORS = (1, 10, 100)
MEMORY_LIMIT = "8GB"
AIMS = "growth no worse than linear, peak under 8 GB"
# Ids of operators' numbers and of persons; a delivery is the same for all.
_COPIED = {
    "synchro.harmonised.hrm_records": ("record_id", "household_record_id"),
    "synchro.harmonised.hrm_contacts": ("contact_id", "record_id", "household_record_id"),
    "synchro.harmonised.hrm_stays": ("stay_id", "stay_listing_id", "record_id", "household_record_id"),
    "synchro.harmonised.hrm_requests": ("request_id", "request_listing_id", "record_id", "household_record_id"),
    "vault.linked.lnk_person_records": ("record_id", "person_id"),
}
_ACTIVE = """
    select reference_month, count(*) as active from compiled.fct_person_months
    where status = 'active'
    group by reference_month
    order by reference_month
"""


def build_default(folder: Path) -> Settings:
    """The default territory landed and built, without its tests."""
    settings = Settings.in_folder(folder)
    generate_keys(settings.keys)
    simulate(folder / "territory", persons=PERSONS)
    land(folder / "territory" / "inbox", settings)
    _dbt(settings, folder / "target", "build", "--exclude-resource-type", "test", "unit_test")
    return settings


def multiply(default: Settings, folder: Path, factor: int) -> Settings:
    """An installation whose harmonised and linked tables hold `factor` copies of the persons of `default`."""
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
    return settings


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Wall and CPU seconds of some work, and the highest resident memory of this process so far, in GB."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "wall_s": round(time.perf_counter() - wall, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


def build_layer(folder: Path, target: Path, layer: str) -> None:
    """Build one layer of the marts by dbt."""
    _dbt(Settings.in_folder(folder), target, "run", "--select", f"path:models/marts/{layer}")


def query_stock(folder: Path) -> None:
    """Run the hand-written query, and stop if its stock is not that of the compiled layer."""
    with closing(connect_read_only(Settings.in_folder(folder))) as connection:
        connection.execute("use synchro")
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'; set temp_directory = '{folder / 'spill'}'")
        by_hand = connection.execute(Path(__file__).with_name("stock.sql").read_text(encoding="utf-8")).fetchall()
        if by_hand != connection.execute(_ACTIVE).fetchall():
            raise SystemExit("the hand-written query and the compiled layer disagree on the stock")


def main(factors: tuple[int, ...]) -> None:
    """Print a row per factor and layer, as they are measured."""
    print(f"{'times':>6} {'layer':<12} {'wall s':>8} {'cpu s':>8} {'peak GB':>8}   ({AIMS})", flush=True)
    with tempfile.TemporaryDirectory() as default_folder:
        default = build_default(Path(default_folder))
        for factor in factors:
            with tempfile.TemporaryDirectory() as folder:
                multiply(default, Path(folder), factor)
                cpu = {}
                for layer in ("compiled", "indicators", "stock"):
                    figures = _in_a_process(folder, f"{default_folder}/target", layer)
                    cpu[layer] = figures["cpu_s"]
                    shown = " ".join(f"{figure:>8}" for figure in figures.values())
                    print(f"{factor:>6} {layer:<12} {shown}", flush=True)
                ratio = (cpu["compiled"] + cpu["indicators"]) / cpu["stock"]
                print(f"{factor:>6} both layers take {ratio:.0f} times the CPU of the stock alone", flush=True)


def _in_a_process(*arguments: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603


def _measure(folder: str, target: str, layer: str) -> None:
    def work() -> None:
        query_stock(Path(folder)) if layer == "stock" else build_layer(Path(folder), Path(target), layer)

    print(json.dumps(measured(work)))


def _dbt(settings: Settings, target: Path, *arguments: str) -> None:
    result = run_dbt(settings, arguments, target_dir=target)
    if result.failed:
        raise SystemExit(f"dbt failed on {', '.join(result.failed)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        _measure(*sys.argv[2:])
    else:
        main(tuple(int(factor) for factor in sys.argv[1:]) or FACTORS)
