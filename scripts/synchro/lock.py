"""One writer at a time: a lock on a file that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synchro.errors import LockedDatabase
from synchro.settings import Settings


@contextmanager
def exclusive_lock(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock file `path`; raises LockedDatabase LOCKED, saying `busy`, when another process holds it."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            todo = "attendre qu'elle se termine, puis relancer"
            raise LockedDatabase("LOCKED", busy, where=str(path.parent), todo=todo) from None
        yield


@contextmanager
def one_run_at_a_time(settings: Settings) -> Iterator[Path]:
    """A fresh scratch folder beside the warehouse, under a lock that ends with the process."""
    folder = settings.warehouse.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with exclusive_lock(folder / ".run.lock", "Une autre exécution de « synchro run » est en cours"):
        scratch = folder / ".run"
        # What a killed run left is worth nothing: everything in it is rebuilt from the deliveries.
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
