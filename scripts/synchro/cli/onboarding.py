"""A new operator: what an unknown file holds, and the files that a contract, its models and its words need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from synchro.cli.common import app, console
from synchro.settings import Settings

if TYPE_CHECKING:
    from synchro.onboarding.profiling import FileProfile

_COLOURS = {"sûr": "green", "probable": "yellow", "à vérifier": "red"}

UnknownFile = Annotated[Path, typer.Argument(help="Fichier csv ou xlsx, tel que l'opérateur l'envoie.")]


@app.command()
def profile(
    file: UnknownFile,
    operator: Annotated[
        str | None, typer.Option(help="Opérateur dont comparer le contrat ; par défaut, le nom du dossier.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Page à écrire ; par défaut, profil.html à côté de l'entrepôt.")
    ] = None,
) -> None:
    """Dit ce que contient un fichier, sans aucune valeur d'une personne : colonnes, rôles, mots, écarts au contrat."""
    from synchro.onboarding.profiling import study
    from synchro.onboarding.report import write_report

    settings = Settings.from_environment()
    told = study(file, settings.project_dir, operator).profile
    page = html or settings.warehouse.parent / "profil.html"
    write_report(told, page)
    _print_profile(told)
    console.print(f"\nLa même chose, avec tous les mots : [bold]{escape(str(page))}[/]")


def _print_profile(told: FileProfile) -> None:
    from synchro.french import number
    from synchro.onboarding.report import percent

    console.print(f"[bold]{escape(told.name)}[/] : {number(told.rows)} lignes, {len(told.columns)} colonnes")
    for guess in told.guesses:
        console.print(f"  {guess.what} : {escape(guess.value)} – {_sure(guess.sure)} ({escape(guess.why)})")
    if told.lines_above:
        console.print(f"  [red]{told.lines_above} ligne(s) au-dessus de l'en-tête[/] : à faire retirer")
    table = Table(header_style="bold", show_edge=False)
    for header in ("n°", "en-tête", "contenu", "rempli", "distinctes", "sans doute", "", "vocabulaire"):
        table.add_column(header, justify="right" if header in ("n°", "rempli", "distinctes") else "left")
    for column in told.columns:
        forms = "".join(f"\n{form} {percent(share)}" for form, share in column.formats)
        vocabulary = f"{column.field.vocabulary}, {_told_words(column)}" if column.field.vocabulary else ""
        table.add_row(
            str(column.place),
            escape(column.header),
            f"{column.kind_fr}{forms}",
            percent(column.fill),
            number(column.distinct),
            column.field.label_fr,
            _sure(column.score),
            vocabulary,
        )
    console.print(table)
    for difference in told.differences:
        console.print(
            f"[yellow]écart[/] ({difference.kind}) {escape(difference.where)} : {escape(difference.what)} – "
            f"à faire : {escape(difference.todo)}"
        )
    if told.contract and not told.differences:
        console.print(f"Aucun écart au contrat de {told.contract}.")


def _told_words(column) -> str:
    coded = sum(word.code is not None for word in column.words)
    return f"{coded} mot(s) traduit(s) sur {len(column.words) + column.hidden_words}"


def _sure(score: float) -> str:
    from synchro.onboarding.report import sureness

    word = sureness(score)
    return f"[{_COLOURS[word]}]{word}[/]"
