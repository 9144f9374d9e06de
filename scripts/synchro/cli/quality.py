"""What goes back to operators about the quality of what they sent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from synchro.cli.common import app, console
from synchro.settings import Settings


@app.command()
def feedback(
    operator: Annotated[str, typer.Argument(help="Opérateur dont on écrit le retour.")],
    out: Annotated[Path | None, typer.Option(help="Classeur à écrire ; par défaut, dans retours/.")] = None,
    month: Annotated[datetime | None, typer.Option(help="Mois (AAAA-MM-JJ) ; par défaut, le dernier livré.")] = None,
) -> None:
    """Écrit le retour qualité d'un opérateur : ses résultats et ce qu'il peut corriger, par ses propres numéros."""
    from synchro.feedback import write_feedback

    first_day = month.date().replace(day=1) if month else None
    written = write_feedback(Settings.from_environment(), operator, out, first_day)
    console.print(f"Retour de {written.month:%m/%Y} : [bold]{escape(str(written.path))}[/]")
    for name, count in written.counts.items():
        console.print(f"  {name} : {count}")
    console.print("  Il contient les numéros de personnes de cet opérateur : ne le remettre qu'à lui.")
