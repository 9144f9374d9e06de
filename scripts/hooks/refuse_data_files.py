"""Refuse to commit what may hold a person's data: a data file anywhere but in seeds/ and tests/fixtures/."""

from __future__ import annotations

import sys
from pathlib import Path

DATA_SUFFIXES = {
    ".csv", ".tsv", ".xls", ".xlsx", ".xlsm", ".ods", ".parquet", ".arrow", ".feather",
    ".duckdb", ".wal", ".db", ".sqlite", ".zip", ".gz", ".7z", ".age",
}  # fmt: skip
ALLOWED_FOLDERS = ("seeds/", "tests/fixtures/")
# Lists of vocabulary, not of persons: what simulated operators type, how columns are headed.
ALLOWED_FILES = (
    "scripts/synchro/simulate/words.csv",
    "scripts/synchro/onboarding/fields.csv",
    "scripts/synchro/onboarding/headers.csv",
)
MAX_BYTES = 1_000_000


def refusals(paths: list[str]) -> list[str]:
    """One French sentence per path (relative, '/'-separated) that must not be committed."""
    found = []
    for path in paths:
        allowed = path in ALLOWED_FILES or path.startswith(ALLOWED_FOLDERS)
        if Path(path).suffix.lower() in DATA_SUFFIXES and not allowed:
            found.append(f"{path} : fichier de données hors de seeds/ et tests/fixtures/, à ne pas enregistrer.")
        elif Path(path).is_file() and Path(path).stat().st_size > MAX_BYTES:
            found.append(f"{path} : plus de {MAX_BYTES // 1_000_000} Mo, à ne pas enregistrer.")
    return found


if __name__ == "__main__":
    messages = refusals(sys.argv[1:])
    print("\n".join(messages))
    sys.exit(1 if messages else 0)
