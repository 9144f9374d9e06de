"""What operators and their data protection officers receive before the first file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from synchro.cli.common import app, console
from synchro.contracts import STANDARD
from synchro.settings import Settings


@app.command()
def template(
    operator: Annotated[str, typer.Argument(help="Opérateur ; par défaut, le modèle standard.")] = STANDARD,
    out: Annotated[Path | None, typer.Option(help="Dossier à écrire ; par défaut, modeles/<opérateur>.")] = None,
) -> None:
    """Écrit le modèle de transmission : le classeur à remplir et le schéma de ses colonnes."""
    from synchro.template import write_templates

    for path in write_templates(Settings.from_environment(), operator, out):
        console.print(f"Modèle : [bold]{escape(str(path))}[/]")


_Out = Annotated[Path | None, typer.Option(help="Fichier à écrire ; par défaut, dans documents/.")]
_On = Annotated[datetime | None, typer.Option("--date", help="Date à imprimer (AAAA-MM-JJ) ; par défaut, aucune.")]


@app.command(name="dpo-sheet")
def dpo_sheet(
    operator: Annotated[str, typer.Argument(help="Opérateur ; « standard » pour le modèle standard.")],
    out: _Out = None,
    on: _On = None,
) -> None:
    """Écrit la fiche d'un opérateur pour son délégué à la protection des données (PDF)."""
    from synchro.documents import write_dpo_sheet

    path = write_dpo_sheet(Settings.from_environment(), operator, out, on.date() if on else None)
    console.print(f"Fiche : [bold]{escape(str(path))}[/]")


@app.command()
def register(out: _Out = None, on: _On = None) -> None:
    """Écrit le registre du traitement (RGPD, art. 30), avec tous les opérateurs (PDF)."""
    from synchro.documents import write_register

    path = write_register(Settings.from_environment(), out, on.date() if on else None)
    console.print(f"Registre : [bold]{escape(str(path))}[/]")
