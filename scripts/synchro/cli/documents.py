"""What operators and their data protection officers receive before the first file."""

from __future__ import annotations

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
