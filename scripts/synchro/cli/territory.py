"""A made-up territory: writing one, and scoring a build against its truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synchro.cli.common import app, console, progress_bars
from synchro.settings import Settings


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(help="Dossier à écrire : inbox/ et truth/.")],
    persons: Annotated[int, typer.Option(help="Personnes sans domicile à un moment donné.")] = 900,
    months: Annotated[int, typer.Option(help="Nombre de mois.")] = 24,
    seed: Annotated[int, typer.Option(help="Graine : mêmes options, mêmes fichiers.")] = 1,
    start: Annotated[str, typer.Option(help="Premier mois (AAAA-MM).")] = "2024-01",
    ghosts: Annotated[
        float | None, typer.Option(help="Part des séjours dont la sortie n'est jamais écrite (0 à 1).")
    ] = None,
) -> None:
    """Écrit un territoire fictif : les fichiers mensuels de dix opérateurs, et la vérité à côté."""
    from synchro.simulate import simulate as write_territory

    with progress_bars() as progress:
        summary = write_territory(out, persons, months, seed, start, progress, ghosts)
    console.print(f"Territoire simulé : [bold]{out}/inbox[/] (vérité : {out}/truth)")
    for label, value in summary.items():
        if isinstance(value, str | int | float):
            console.print(f"  {label} : {value}")


@app.command()
def score(
    truth: Annotated[Path, typer.Argument(help="Dossier truth/ écrit par « synchro simulate ».")],
    as_json: Annotated[bool, typer.Option("--json", help="Écrit les figures en JSON.")] = False,
    links: Annotated[
        bool,
        typer.Option(
            "--links", help="Refait aussi la liste sans lien, puis avec les liens vrais : ce qu'ils changent."
        ),
    ] = False,
) -> None:
    """Compare la construction à la vérité simulée : rapprochement, présence, stock et flux."""
    from synchro.link_effect import score_with_links
    from synchro.score import score as score_build

    measure = score_with_links if links else score_build
    with progress_bars() as progress:
        result = measure(truth, Settings.from_environment(), progress=progress)
    typer.echo(result.to_json()) if as_json else typer.echo(result.to_text())
