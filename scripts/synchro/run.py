"""`synchro run`: land, build, audit, swap, publish. All or nothing: until the swap, nothing a reader sees moves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from synchro.build import WITHOUT_UNIT_TESTS, BuildResult, dbt_build
from synchro.landing import Receipt, land
from synchro.lock import one_run_at_a_time
from synchro.publish import publish
from synchro.settings import Settings
from synchro.vintages import append_figures, built_figures

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class RunResult:
    """What one monthly run did."""

    receipts: list[Receipt]
    build: BuildResult
    published: Path


def run(
    inbox: Path,
    settings: Settings,
    received_at: datetime | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Land `inbox` and rebuild into copies of the two files, then put them in place and publish.

    A rejected file does not stop the others; its receipt says so. Any SynchroError leaves the two files and the
    publication as they were.
    """
    with drafting(settings) as draft:
        for current, copy in ((settings.warehouse, draft.warehouse), (settings.vault, draft.vault)):
            if current.exists():
                shutil.copy2(current, copy)
        receipts = land(inbox, draft, received_at=received_at, progress=progress)
        build = dbt_build(draft, progress, WITHOUT_UNIT_TESTS)
        _append_to_vintages(draft)
        published = publish(draft, audience="internal", progress=progress)
        put_in_place(draft, settings)
        _hand_over_receipts(receipts, draft.receipts, settings.receipts)
    return RunResult(receipts=receipts, build=build, published=Path(published.folder))


def _append_to_vintages(draft: Settings) -> None:
    """Keep the figures that are about to be published, and build again what compares vintages.

    A month's own publication tells whether it balances; running again finds nothing new to tell.
    """
    append_figures(draft, built_figures(draft), "published")
    parsed = draft.target / "partial_parse.msgpack"
    selected = ("--select", "stg_synchro__published_figures+", "--partial-parse-file-path", str(parsed))
    # In a folder of its own: what is published is what the whole build says of itself.
    dbt_build(draft, None, (*selected, *WITHOUT_UNIT_TESTS), draft.warehouse.parent / "target")


def _hand_over_receipts(receipts: list[Receipt], drafts: Path, folder: Path) -> None:
    """Receipts say what is in place, so they leave only after the swap; a file known before keeps its first one."""
    folder.mkdir(parents=True, exist_ok=True)
    for receipt in receipts:
        draft, final = drafts / f"{receipt.delivery_id}.json", folder / f"{receipt.delivery_id}.json"
        if draft.exists() and not (receipt.status == "duplicate" and final.exists()):
            shutil.move(draft, final)


@contextmanager
def drafting(settings: Settings) -> Iterator[Settings]:
    """The same installation with both files in a fresh scratch folder, under the lock of a run."""
    with one_run_at_a_time(settings) as scratch:
        yield replace(
            settings,
            warehouse=scratch / "synchro.duckdb",
            vault=scratch / "vault.duckdb",
            receipts=scratch / "receipts",
        )


def put_in_place(draft: Settings, settings: Settings) -> None:
    """Both draft files take the place of those in use."""
    # The vault first: persons are read from the warehouse, which a crash between the two leaves as it was.
    for new, current in ((draft.vault, settings.vault), (draft.warehouse, settings.warehouse)):
        _replace_durably(new, current)


def _replace_durably(new: Path, current: Path) -> None:
    with new.open("rb") as handle:
        os.fsync(handle.fileno())
    # A write-ahead log beside the old file belongs to the old file.
    current.with_name(current.name + ".wal").unlink(missing_ok=True)
    os.replace(new, current)
    directory = os.open(current.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
