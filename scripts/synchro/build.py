"""`dbt build` in this process: one progress bar, and on failure the names of what failed, without their data."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from synchro.artifacts import FAILED_STATUSES
from synchro.errors import SynchroError
from synchro.settings import Settings

Progress = Callable[[str, int, int], None]

# Unit tests try the SQL on rows of their own, which no delivery changes: a month's build leaves them to those who
# change the SQL (`dbt build`, `make test`). They are a quarter of its time.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")

# dbt's own messages may quote a value: nothing of them reaches the screen or a file.
_SILENT = ("--log-level", "none", "--log-level-file", "none")


@dataclass(frozen=True)
class BuildResult:
    """What one `dbt build` did: how many nodes ended in each status, and the names worth reading."""

    counts: dict[str, int]
    failed: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


def dbt_build(
    settings: Settings,
    progress: Progress | None = None,
    arguments: Sequence[str] = (),
    target_dir: Path | None = None,
) -> BuildResult:
    """Build the whole project into `settings.warehouse` and `settings.vault`.

    `arguments` are passed on to dbt (`--select`, `--vars`...). Raises SynchroError `BUILD_FAILED` when a model
    or a test fails; the message names nodes only, because dbt's own text may quote a failing value.
    """
    callbacks = [_progress_callback(progress)] if progress else []
    result = run_dbt(settings, ["build", *arguments], callbacks, target_dir)
    if result.failed:
        shown = ", ".join(result.failed[:8]) + (" …" if len(result.failed) > 8 else "")
        raise SynchroError(
            "BUILD_FAILED",
            f"La construction a échoué sur {len(result.failed)} élément(s) : {shown}",
            todo="lancer « dbt build » pour le détail ; la liste publiée n'a pas changé",
        )
    return result


def run_dbt(
    settings: Settings,
    arguments: Sequence[str],
    callbacks: Sequence[Callable[[Any], None]] = (),
    target_dir: Path | None = None,
) -> BuildResult:
    """Invoke dbt with these arguments, quietly; node results are counted, never printed.

    Each of `callbacks` is given every event of dbt as it comes.
    """
    # dbt takes seconds to import: only the commands that build pay for it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    options = ["--project-dir", str(settings.project_dir), "--profiles-dir", str(settings.project_dir)]
    target = target_dir or settings.target
    options += ["--target-path", str(target), "--log-path", str(target / "logs")]
    with _environment(settings):
        try:
            outcome = dbtRunner(callbacks=list(callbacks)).invoke([*arguments, *options, "--quiet", *_SILENT])
        finally:
            # The adapter keeps both files open for the life of the process otherwise.
            DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None or outcome.result is None:
        raise SynchroError(
            "DBT",
            "dbt n'a pas pu démarrer la construction",
            todo="lancer « dbt debug » puis « dbt parse » pour lire la cause",
        ) from None
    return _summarise(getattr(outcome.result, "results", []))


def _summarise(results: Sequence[Any]) -> BuildResult:
    counts: dict[str, int] = {}
    failed, warned = [], []
    for node in results:
        status = str(node.status)
        counts[status] = counts.get(status, 0) + 1
        if status in FAILED_STATUSES:
            failed.append(node.node.name)
        elif status == "warn":
            warned.append(node.node.name)
    return BuildResult(counts=counts, failed=sorted(failed), warned=sorted(warned))


def _progress_callback(progress: Progress) -> Callable[[Any], None]:
    finished = count(1)

    def on_event(event: Any) -> None:
        # A test's result says `num_models` where the others say `total`.
        total = getattr(event.data, "total", 0) or getattr(event.data, "num_models", 0)
        if event.info.name.startswith("Log") and event.info.name.endswith("Result") and total:
            progress("Construction (dbt)", min(next(finished), total), total)

    return on_event


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """Point profiles.yml at these two files, and put the environment back afterwards."""
    wanted = {"SYNCHRO_WAREHOUSE": str(settings.warehouse), "SYNCHRO_VAULT": str(settings.vault)}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
