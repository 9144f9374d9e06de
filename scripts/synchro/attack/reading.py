"""What a citizen downloads: the tables and the dictionary of each public vintage, oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from synchro.errors import SynchroError

DICTIONARY = "dictionary.json"
MONTH = "reference_month"


@dataclass(frozen=True)
class Vintage:
    """One public publication as downloaded: its tables by name, what its dictionary says of disclosure control."""

    name: str
    tables: dict[str, pd.DataFrame]
    disclosure: dict[str, Any]

    def columns_of(self, table: str, role: str) -> list[str]:
        """The columns of a table that have this role and were published."""
        rules = [rule for rule in self.disclosure["columns"] if (rule["table"], rule["role"]) == (table, role)]
        return [rule["column"] for rule in rules if rule["column"] in self.tables[table]]

    @property
    def count_tables(self) -> list[str]:
        """The monthly tables with counts: all that the attack reads."""
        return [name for name in sorted(self.tables) if MONTH in self.tables[name] and self.columns_of(name, "count")]


def read_vintages(paths: Sequence[Path]) -> list[Vintage]:
    """The publications in these folders: each is one, or holds several, which are then taken by name.

    Raises SynchroError: NO_PUBLICATION, NOT_PUBLIC, DICTIONARY, UNREADABLE.
    """
    folders = list(dict.fromkeys(folder for path in paths for folder in _folders(path)))
    return [_read(folder) for folder in folders]


def _folders(path: Path) -> Iterator[Path]:
    own = [path] if (path / DICTIONARY).is_file() else sorted(path.glob(f"public*/{DICTIONARY}"))
    if not own:
        raise SynchroError(
            "NO_PUBLICATION",
            "Aucune publication publique dans ce dossier",
            where=str(path),
            todo="donner un dossier de publication, ou celui des millésimes (published/vintages)",
        )
    for found in own:
        yield (found.parent if found.name == DICTIONARY else found).resolve()


def _read(folder: Path) -> Vintage:
    try:
        dictionary = json.loads((folder / DICTIONARY).read_text(encoding="utf-8"))
        audience, disclosure = dictionary["audience"], dictionary.get("disclosure")
        tables = {path.stem: _plain(pd.read_parquet(path)) for path in sorted((folder / "data").rglob("*.parquet"))}
    except (ValueError, KeyError, TypeError):
        raise SynchroError("DICTIONARY", "Le dictionnaire ou une table ne se lit pas", where=str(folder)) from None
    except OSError:
        raise SynchroError("UNREADABLE", "La publication ne se lit pas", where=str(folder)) from None
    if audience != "public" or not isinstance(disclosure, dict):
        raise SynchroError(
            "NOT_PUBLIC",
            "Cette publication n'est pas publique : ses effectifs sont exacts, il n'y a rien à déduire",
            where=str(folder),
            todo="attaquer une publication faite avec « --audience public »",
        )
    return Vintage(folder.name, tables, disclosure)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Months as timestamps, whatever kind of date the file has."""
    if MONTH in frame:
        frame[MONTH] = pd.to_datetime(frame[MONTH])
    return frame
