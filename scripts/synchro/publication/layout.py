"""Where everything is in a publication, and where publications are."""

from __future__ import annotations

from pathlib import Path

DATA = Path("data") / "synchro"
CSV = Path("csv")
SOURCES = Path("sources") / "synchro"
CONNECTION = SOURCES / "connection.yaml"
DATABASE = Path("synchro.duckdb")
README, MANIFEST = Path("README.txt"), Path("manifest.json")
DICTIONARY, DICTIONARY_CSV = Path("dictionary.json"), Path("dictionnaire.csv")

INTERNAL, PUBLIC = "internal", "public"
# In the folder of publications: every public vintage whole, of the internal ones the manifest.
VINTAGES = Path("vintages")
_DIGITS = 4


def parquet_file(table: str) -> Path:
    """Where a publication holds a table."""
    return DATA / f"{table}.parquet"


def csv_file(table: str) -> Path:
    """Where a publication holds a table for spreadsheets."""
    return CSV / f"{table}.csv"


def vintage_name(audience: str, number: int) -> str:
    """`public-0003`; the internal edition keeps `internal-0003.json`."""
    return f"{audience}-{number:0{_DIGITS}d}"


def vintages(published: Path, audience: str) -> dict[int, Path]:
    """The manifest of every vintage of an audience in the folder of publications, by number, oldest first."""
    pattern = f"{audience}-{'[0-9]' * _DIGITS}"
    if audience == PUBLIC:
        found = [folder / MANIFEST for folder in (published / VINTAGES).glob(pattern)]
        numbers = [path.parent.name for path in found]
    else:
        found = list((published / VINTAGES).glob(f"{pattern}.json"))
        numbers = [path.stem for path in found]
    return dict(sorted((int(name[-_DIGITS:]), path) for name, path in zip(numbers, found, strict=True)))
