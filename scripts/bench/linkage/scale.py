"""Lists of 5 000, 50 000 and 500 000 records of one generator: precision, pairs per record, seconds and memory.

Linkage runs in a process of its own, whose peak memory is measured: `python -m bench.linkage.scale FOLDER`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from bench.linkage.harness import Linkage, encoded_records
from bench.linkage.metrics import agreement_of, clustered_pairs, scored_pairs
from bench.linkage.people import made_up_people
from bench.linkage.printing import Aim, show, tell
from bench.linkage.program import Program, compile_program

SIZES = (5_000, 50_000, 500_000)
MONTH_END = date(2024, 1, 31)
MEMORY_LIMIT = "1800MB"
AIM_MEGABYTES = 3_000
# Less than this is chance: the small list has some 2 000 pairs.
TOLERANCE = 0.002
_RECORDS, _TRUTH, _PROGRAM = "records.parquet", "truth.parquet", "program.json"


def measure_scale(folder: Path) -> None:
    """Print one row a size."""
    folder.mkdir(parents=True, exist_ok=True)
    program = compile_program(folder).to_json()
    found = []
    for size in SIZES:
        tell(f"{size} fiches")
        found.append({"records": size, **_measure(folder / str(size), size, program)})
    small, large = found[0], found[-1]
    aims = [
        Aim("précision de la plus longue liste moins celle de la plus courte",
            large["precision"] - small["precision"], -TOLERANCE),
        Aim(f"{large['records']} fiches, mémoire en Mo", large["peak_mb"], AIM_MEGABYTES, at_most=True),
    ]  # fmt: skip
    title = "Une même population, de plus en plus longue : seuil 0,9, poids par défaut"
    show("scale", title, tuple(found[0]), [list(row.values()) for row in found], aims)


def _measure(folder: Path, size: int, program: str) -> dict[str, float]:
    folder.mkdir()
    people = made_up_people(size)
    start = time.perf_counter()
    pq.write_table(encoded_records(people, MONTH_END), folder / _RECORDS)
    seconds = time.perf_counter() - start
    people[["id", "source", "entity"]].to_parquet(folder / _TRUTH)
    (folder / _PROGRAM).write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "bench.linkage.scale", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return {**json.loads(done.stdout), "encode_s": seconds}


def link(folder: Path) -> dict[str, float]:
    """Link what stands in the folder; memory is read before the truth is compared."""
    program = Program.from_json((folder / _PROGRAM).read_text(encoding="utf-8"))
    dataset = pq.ParquetFile(folder / _RECORDS)
    truth = pd.read_parquet(folder / _TRUTH)
    linkage = Linkage(program, dataset.read(), truth, folder, MEMORY_LIMIT).run()
    peak = peak_megabytes()
    pairs = agreement_of(linkage, scored_pairs(linkage))
    candidates = f"select count(*) from {linkage.name_of('lnk_candidate_pairs')}"
    return {
        "precision": pairs.precision.value,
        "recall": pairs.recall.value,
        "f1_pairs": pairs.f1,
        "f1_clusters": agreement_of(linkage, clustered_pairs(linkage)).f1,
        "pairs_per_record": linkage.connection.execute(candidates).fetchone()[0] / len(truth),
        "link_s": linkage.total_seconds,
        "peak_mb": peak,
    }


def peak_megabytes() -> float:
    """Most memory this process ever held. Linux hands getrusage's own figure down from parent to child: not there."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    print(json.dumps(link(Path(sys.argv[1]))))
