"""What a publication rests on and how it was made, for its manifest.

No clock: the only moments in it are those at which deliveries were received, and a publication is dated by the last.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import duckdb

from synchro.dictionary import Deliveries
from synchro.errors import SynchroError
from synchro.publication.layout import INTERNAL
from synchro.publication.manifest import Manifest, file_sha256

_PACKAGES = ("synchro", "dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "pyarrow", "scipy", "xlsxwriter")
_KNOWN = "from raw.deliveries where received_at < ?"


def deliveries_known(warehouse: duckdb.DuckDBPyConnection, as_of: str) -> Deliveries:
    """What was delivered by the end of the day `as_of` (YYYY-MM-DD). Raises SynchroError NO_DELIVERY."""
    count, is_synthetic, first_month, last_month, last_received_at = warehouse.execute(
        f"""
        select
            count(*), bool_or(is_synthetic), cast(min(reference_month) as varchar),
            cast(max(reference_month) as varchar), cast(max(received_at) as varchar)
        {_KNOWN}
        """,
        [_end_of(as_of)],
    ).fetchone()
    if not count:
        raise SynchroError(
            "NO_DELIVERY",
            "Aucune livraison n'était connue à cette date : il n'y a rien à publier",
            where=f"as_of {as_of}",
            todo="déposer des fichiers avec « synchro land », puis lancer « dbt build »",
        )
    return Deliveries(count, is_synthetic, first_month, last_month, last_received_at)


def inputs_of(warehouse: duckdb.DuckDBPyConnection, as_of: str, audience: str) -> Manifest:
    """The deliveries that a publication rests on: their count, the last moment one was received, one digest of all.

    Each of them is listed in the internal edition only: whoever has the digest of a small file, and knows its form,
    can try names until one gives that digest.
    """
    rows = warehouse.execute(
        f"""
        select operator, extract, cast(reference_month as varchar), cast(received_at as varchar), sha256
        {_KNOWN} order by received_at, operator, extract, reference_month, sha256
        """,
        [_end_of(as_of)],
    ).fetchall()
    lines = "".join(" ".join(row) + "\n" for row in rows)
    inputs: Manifest = {
        "deliveries": len(rows),
        "known_until": rows[-1][3],
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
    }
    if audience == INTERNAL:
        names = ("operator", "extract", "reference_month", "received_at", "sha256")
        inputs["files"] = [dict(zip(names, row, strict=True)) for row in rows]
    return inputs


def _end_of(as_of: str) -> date:
    # The last day of the calendar has no next day; nothing is received that day either.
    return min(date.fromisoformat(as_of), date.max - timedelta(days=1)) + timedelta(days=1)


def versions() -> dict[str, str]:
    """Versions of what made the publication."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def source_of(project: Path) -> Manifest | None:
    """Commit of the project, and whether files differ from it; None outside a git repository."""
    git = shutil.which("git")
    if git is None:
        return None
    # A project that lies inside another repository is no part of it.
    if _git(git, project, "rev-parse", "--show-prefix") != "":
        return None
    commit = _git(git, project, "rev-parse", "HEAD")
    changes = _git(git, project, "status", "--porcelain")
    return None if commit is None or changes is None else {"commit": commit, "is_dirty": changes != ""}


def _git(git: str, project: Path, *arguments: str) -> str | None:
    done = subprocess.run([git, "-C", str(project), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else None


def seeds_sha256(project: Path) -> str:
    """One digest of every seed: vocabularies, mappings, weights, decisions, rules."""
    paths = sorted(path.relative_to(project) for path in (project / "seeds").rglob("*.csv"))
    lines = [f"{path.as_posix()} {file_sha256(project / path)}\n" for path in paths]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
