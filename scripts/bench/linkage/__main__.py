"""`make bench-linkage`: the linkage on data of others, against Splink in clear text, and as lists grow."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

PARTS = ("febrl", "pseudopeople", "simulated", "speed", "scale")
DATA = Path(__file__).resolve().parents[3] / ".bench" / "data"


def main() -> None:
    """Run the parts asked for, each with its tables, aims and JSON lines."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default=",".join(PARTS), help=f"parts, among {','.join(PARTS)}")
    options.add_argument("--data", type=Path, default=DATA, help="folder of the public data (parquet)")
    chosen = options.parse_args()
    parts = set(chosen.only.split(","))
    if parts - set(PARTS):
        options.error(f"--only: {', '.join(sorted(parts - set(PARTS)))}")
    with tempfile.TemporaryDirectory() as name:
        _run(parts, chosen.data, Path(name))


def _run(parts: set[str], data: Path, folder: Path) -> None:
    # Each part imports what it needs: Splink and dbt take seconds.
    public = ("febrl4", "febrl3") * ("febrl" in parts) + ("pseudopeople",) * ("pseudopeople" in parts)
    if public:
        from bench.linkage.public import measure_public

        measure_public(folder / "public", data, public)
    if "simulated" in parts:
        from bench.linkage.simulated import measure_simulated

        measure_simulated(folder / "simulated")
    if "speed" in parts:
        from bench.linkage.speed import measure_speed

        measure_speed(folder / "speed")
    if "scale" in parts:
        from bench.linkage.scale import measure_scale

        measure_scale(folder / "scale")


if __name__ == "__main__":
    main()
