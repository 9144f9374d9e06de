"""How long `dbt build` takes in process, tests included, on the default territory and on one ten times as large."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from synchro.build import run_dbt
from synchro.keys import generate_keys
from synchro.landing import land
from synchro.settings import Settings
from synchro.simulate import simulate

PERSONS = 900
AIM_SECONDS = 40
AIM_RATIO = 3


def build_seconds(persons: int, folder: Path) -> float:
    """Wall-clock seconds of one full `dbt build` on a fresh warehouse holding `persons` at a time over 24 months."""
    settings = Settings.in_folder(folder)
    generate_keys(settings.keys)
    simulate(folder / "territory", persons=persons)
    land(folder / "territory" / "inbox", settings)
    # Parsing is paid once for both builds, so that the ratio compares builds.
    run_dbt(settings, ["parse"], target_dir=folder / "target")
    start = time.perf_counter()
    result = run_dbt(settings, ["build"], target_dir=folder / "target")
    seconds = time.perf_counter() - start
    if result.failed:
        raise SystemExit(f"the build failed on {', '.join(result.failed)}")
    return seconds


def main() -> None:
    """Print one JSON line: seconds at both sizes and their ratio."""
    with tempfile.TemporaryDirectory() as once, tempfile.TemporaryDirectory() as tenfold:
        small, large = build_seconds(PERSONS, Path(once)), build_seconds(10 * PERSONS, Path(tenfold))
    figures = {"default_s": round(small, 1), "tenfold_s": round(large, 1), "ratio": round(large / small, 2)}
    print(json.dumps({"bench": "dbt build", **figures, "aims": f"< {AIM_SECONDS} s, ratio < {AIM_RATIO}"}))


if __name__ == "__main__":
    main()
