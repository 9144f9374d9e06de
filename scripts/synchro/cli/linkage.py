"""Linkage: learning its weights, deciding on pairs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from synchro.cli.common import app, console, progress_bars
from synchro.settings import Settings


@app.command()
def train(
    seed: Annotated[int, typer.Option(help="Graine : mêmes fiches, même graine, mêmes poids.")] = 1,
) -> None:
    """Apprend les poids du rapprochement sur les fiches déposées (Splink) ; « dbt build » les applique ensuite."""
    from synchro.training import train_on_vault

    with progress_bars() as progress:
        training = train_on_vault(Settings.from_environment(), seed=seed, progress=progress)
    console.print(f"Poids, version {training.version} : {training.weights_file}")
    console.print(f"  appris sur {training.model.record_count} fiches ; à relire : {training.report}")
    console.print("  pour les appliquer : dbt build ; pour revenir en arrière : git checkout seeds/linkage")


@app.command()
def review(
    out: Annotated[
        Path | None, typer.Argument(help="Classeur à écrire ; par défaut, relecture.xlsx à côté de l'entrepôt.")
    ] = None,
    read: Annotated[Path | None, typer.Option(help="Relit les décisions d'un classeur rempli.")] = None,
    decided_on: Annotated[
        datetime | None, typer.Option(help="Jour des décisions relues ; par défaut, aujourd'hui.")
    ] = None,
) -> None:
    """Écrit le classeur des paires de fiches à décider, sans aucun nom ; avec --read, enregistre les décisions."""
    from synchro.decisions import read_review
    from synchro.review import write_review

    settings = Settings.from_environment()
    if read is None:
        written = write_review(settings, out)
        console.print(f"Classeur de relecture : [bold]{escape(str(written.path))}[/]")
        console.print(f"  paires à décider : {written.shown} (sur {written.waiting} qui attendent)")
        console.print(f"  paires de l'échantillon de contrôle, sans réponse : {written.sampled}")
        return
    reading = read_review(read, settings, (decided_on or datetime.now()).date())
    console.print(f"Décisions enregistrées : [bold]{reading.overrides}[/] (seeds/linkage/overrides.csv)")
    console.print(f"Réponses de l'échantillon : [bold]{reading.labels}[/] (seeds/linkage/clerical_labels.csv)")
    console.print(
        f"  déjà connues : {reading.already} ; « je ne sais pas » : {reading.unsure} ; sans réponse : {reading.empty}"
    )
    console.print("Pour qu'elles comptent : dbt build")
