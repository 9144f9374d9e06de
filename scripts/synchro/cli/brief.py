"""The committee's note of a month."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from synchro.cli.common import app, console
from synchro.french import month_name
from synchro.settings import Settings

_MONTH_FORMATS = ["%Y-%m", "%Y-%m-%d"]


@app.command()
def brief(
    month: Annotated[
        datetime | None,
        typer.Argument(help="Mois (AAAA-MM) ; par défaut, le dernier publié.", formats=_MONTH_FORMATS),
    ] = None,
    audience: Annotated[
        str, typer.Option(help="Publication lue : internal (sous convention) ou public.")
    ] = "internal",
    out: Annotated[Path | None, typer.Option(help="Fichier à écrire ; par défaut, dans documents/.")] = None,
) -> None:
    """Écrit la note du comité : les chiffres du mois, cinq faits à discuter, jusqu'où s'y fier (PDF)."""
    from synchro.brief import write_brief

    first_day = month.date().replace(day=1) if month else None
    written = write_brief(Settings.from_environment(), audience, first_day, out)
    console.print(f"Note de {month_name(written.month)} : [bold]{escape(str(written.path))}[/]")
    for number, title in enumerate(written.titles, start=1):
        console.print(f"  {number}. {escape(title)}")
    if audience == "internal":
        console.print("  Effectifs exacts : à ne remettre qu'aux personnes habilitées.")
