"""What the tests of the site share: the site of an edition, and what happened when one of its pages was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import Page

from synchro.settings import Settings

SETTINGS = Settings.from_environment()
# Output of the tests, to look at.
SCREENSHOTS = SETTINGS.project_dir / "build" / "dashboard"


@dataclass
class Site:
    """A built site that is being served, and the publication that it shows."""

    edition: str
    address: str
    folder: Path
    publication: Path
    menu: list[dict[str, Any]]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the publication, whose tables are written {table}."""
        data = self.publication / "data" / "synchro"
        tables = {path.stem: f"read_parquet('{path}')" for path in data.glob("*.parquet")}
        with duckdb.connect() as engine:
            return engine.execute(query.format(**tables)).fetchall()


@dataclass
class Visit:
    """What happened when a page was opened."""

    page: Page
    seconds_to_chart: float | None = None
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


Open = Callable[..., Visit]
