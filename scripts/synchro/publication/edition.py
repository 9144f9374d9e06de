"""What an audience is shown of the tables: disclosure control for the public, exact figures under agreement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from synchro.disclosure import Disclosed, disclose
from synchro.errors import SynchroError
from synchro.publication import revisions
from synchro.publication.layout import INTERNAL, PUBLIC, parquet_file, vintages
from synchro.publication.plain import plain_table
from synchro.publication.shelf import Shelf


def check_audience(audience: str, revise: bool) -> None:
    """Raises SynchroError: AUDIENCE, REVISE."""
    if audience not in (INTERNAL, PUBLIC):
        todo = "choisir « internal » (ou « public »)"
        raise SynchroError("AUDIENCE", "Ce public n'existe pas", where=audience, todo=todo)
    if revise and audience != PUBLIC:
        what = "« --revise » ne concerne que la publication « public » : l'interne donne les chiffres du jour"
        raise SynchroError("REVISE", what, todo="publier sans cette option")


def edition_of(
    frames: dict[str, pd.DataFrame], shelf: Shelf, project_dir: Path, variables: dict[str, Any], revise: bool
) -> Disclosed:
    """The tables read from the warehouse as an audience sees them. Raises what the disclosure control raises."""
    past = [path.parent for path in vintages(shelf.published, PUBLIC).values()] if shelf.audience == PUBLIC else []
    disclosed = disclose(
        frames,
        audience=shelf.audience,
        project_dir=project_dir,
        variables=variables,
        vintage=shelf.next_number,
        previous=past[-1] if past else None,
        revise=revise,
    )
    if shelf.audience == INTERNAL or revisions.TABLE not in frames:
        return disclosed
    revised = _revisions(disclosed.tables, past, frames[revisions.TABLE])
    return replace(disclosed, tables={**disclosed.tables, revisions.TABLE: revised})


def _revisions(tables: dict[str, pd.DataFrame], past: list[Path], exact: pd.DataFrame) -> pd.DataFrame:
    """From what was displayed and is displayed; of the exact figures' revisions only the reasons are read."""
    current = {name: plain_table(tables[name]).to_pandas() for name in revisions.TABLES if name in tables}
    earlier = _table(past[-1], revisions.TABLE) if past else None
    vintages_before = ({name: _table(folder, name) for name in revisions.TABLES} for folder in past)
    return revisions.public_revisions(vintages_before, current, earlier, plain_table(exact).to_pandas())


def _table(folder: Path, name: str) -> pd.DataFrame | None:
    path = folder / parquet_file(name)
    return pq.read_table(path).to_pandas() if path.is_file() else None
