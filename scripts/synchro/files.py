"""Text files that change together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


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
