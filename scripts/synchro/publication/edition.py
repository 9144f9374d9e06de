"""What an audience is shown of the tables: disclosure control for the public, exact figures under agreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from synchro.errors import SynchroError
from synchro.publication import revisions
from synchro.publication.layout import INTERNAL, PUBLIC, parquet_file, vintages
from synchro.publication.plain import plain_table
from synchro.publication.shelf import Shelf

_CONTROL = "synchro.disclosure"


@dataclass(frozen=True)
class Edition:
    """The tables of an audience; `refused`: why a table is not published; `specification`: how it was protected."""

    tables: dict[str, pd.DataFrame]
    refused: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    specification: dict[str, Any] = field(default_factory=dict)


def check_audience(audience: str, revise: bool) -> None:
    """Raises SynchroError: AUDIENCE, REVISE, NO_DISCLOSURE_CONTROL."""
    if audience not in (INTERNAL, PUBLIC):
        todo = "choisir « internal » (ou « public »)"
        raise SynchroError("AUDIENCE", "Ce public n'existe pas", where=audience, todo=todo)
    if revise and audience != PUBLIC:
        what = "« --revise » ne concerne que la publication « public » : l'interne donne les chiffres du jour"
        raise SynchroError("REVISE", what, todo="publier sans cette option")
    if audience == PUBLIC and _control() is None:
        raise SynchroError(
            "NO_DISCLOSURE_CONTROL",
            "La publication « public » est refusée : le contrôle du secret statistique (seuils, arrondis, secret "
            "secondaire) n'existe pas encore, et des effectifs exacts désigneraient des personnes",
            todo="publier pour les organismes sous convention avec « synchro publish --audience internal »",
        )


def edition_of(
    frames: dict[str, pd.DataFrame], shelf: Shelf, project_dir: Path, variables: dict[str, Any], revise: bool
) -> Edition:
    """The tables read from the warehouse as an audience sees them. Raises what the disclosure control raises."""
    disclose = _control()
    if disclose is None:
        return Edition(frames)
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
    tables, refused = dict(disclosed.tables), dict(disclosed.refused)
    if shelf.audience == PUBLIC and revisions.TABLE in frames:
        tables[revisions.TABLE] = _revisions(tables, past, frames[revisions.TABLE])
        refused.pop(revisions.TABLE, None)
    return Edition(tables, refused, list(disclosed.warnings), dict(disclosed.specification))


def _control() -> Callable[..., Any] | None:
    return getattr(import_module(_CONTROL), "disclose", None) if find_spec(_CONTROL) else None


def _revisions(tables: dict[str, pd.DataFrame], past: list[Path], exact: pd.DataFrame) -> pd.DataFrame:
    """From what was displayed and is displayed; of the exact figures' revisions only the reasons are read."""
    current = {name: plain_table(tables[name]).to_pandas() for name in revisions.TABLES if name in tables}
    earlier = _table(past[-1], revisions.TABLE) if past else None
    vintages_before = ({name: _table(folder, name) for name in revisions.TABLES} for folder in past)
    return revisions.public_revisions(vintages_before, current, earlier, plain_table(exact).to_pandas())


def _table(folder: Path, name: str) -> pd.DataFrame | None:
    path = folder / parquet_file(name)
    return pq.read_table(path).to_pandas() if path.is_file() else None
