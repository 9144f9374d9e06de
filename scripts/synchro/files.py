"""Files that are old or new, never half."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from synchro.errors import SynchroError


def write(path: Path, content: bytes | str, mode: int = 0o644) -> None:
    """Write a file whole and durable, or leave what was there; text is UTF-8, its line ends kept. Raises OSError."""
    draft = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        # Never readable by others, not even while it is written.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_document(path: Path, content: bytes, mode: int = 0o644) -> None:
    """`write`, for who is told on screen: raises SynchroError WRITE."""
    try:
        write(path, content, mode)
    except OSError:
        todo = "vérifier les droits et l'espace disque"
        raise SynchroError("WRITE", "écriture impossible", str(path), todo) from None


def replace_all(contents: Sequence[tuple[Path, str]]) -> None:
    """Give existing files their new text, each old or new, never half. Raises OSError.

    All drafts are on disk before the first takes its place.
    """
    drafts = [(path.with_name(f".{path.name}.tmp"), path, text) for path, text in contents]
    try:
        for draft, path, text in drafts:
            with draft.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(path.stat().st_mode & 0o777)
        for draft, path, _ in drafts:
            os.replace(draft, path)
    finally:
        for draft, _, _ in drafts:
            draft.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Make what was written to a file, or the names in a folder, durable. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
