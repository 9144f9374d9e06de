"""One writer at a time: a lock on a file that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synchro.errors import LockedDatabase


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
