"""What leaves for good: a person's right to erasure, and the end of retention."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from synchro.cli.common import app, console, progress_bars
from synchro.settings import Settings

if TYPE_CHECKING:
    from synchro.erasure import Removal, Scope

_Yes = Annotated[bool, typer.Option("--yes", help="Ne pas demander de confirmation.")]
_On = Annotated[datetime | None, typer.Option("--on", help="Jour de la décision ; par défaut, aujourd'hui.")]


@app.command()
def erase(
    operator: Annotated[str, typer.Argument(help="Opérateur qui transmet la demande.")],
    reference: Annotated[str, typer.Option(help="Référence de la demande (lettres, chiffres, tirets ; aucun nom).")],
    numbers: Annotated[
        Path | None, typer.Option(help="Fichier des numéros, un par ligne ; sans lui, le numéro est demandé.")
    ] = None,
    only_this_record: Annotated[
        bool, typer.Option(help="Cette fiche seulement, sans celles que le rapprochement y joint.")
    ] = False,
    on: _On = None,
    yes: _Yes = False,
) -> None:
    """Efface une personne, par son numéro chez un opérateur ; elle ne reviendra pas aux livraisons suivantes."""
    from synchro.erasure import remove, scope_of_person
    from synchro.tombstones import ERASED

    settings = Settings.from_environment()
    # Typed at the prompt, a number is in no history of commands.
    if numbers:
        typed = numbers.read_text(encoding="utf-8-sig")
    else:
        typed = typer.prompt("Numéro chez l'opérateur", hide_input=True)
    local_ids = [line.strip() for line in typed.splitlines() if line.strip()]
    scope = scope_of_person(settings, operator, local_ids, whole_person=not only_this_record)
    _confirm(scope, yes)
    with progress_bars() as progress:
        removal = remove(settings, scope, ERASED, reference, (on or datetime.now()).date(), progress)
    _print_removal(settings, removal)


@app.command()
def purge(
    months: Annotated[int, typer.Option(help="Durée de conservation après le dernier contact, en mois.")] = 24,
    on: _On = None,
    yes: _Yes = False,
) -> None:
    """Retire les personnes sans contact depuis la durée de conservation ; qui revient sera de nouveau compté."""
    from synchro.erasure import remove, scope_of_purge
    from synchro.tombstones import PURGED

    settings = Settings.from_environment()
    day = (on or datetime.now()).date()
    scope = scope_of_purge(settings, day, months)
    if not scope.records:
        console.print("Personne n'est sans contact depuis aussi longtemps : rien à retirer.")
        return
    _confirm(scope, yes)
    with progress_bars() as progress:
        removal = remove(settings, scope, PURGED, f"{months}-mois", day, progress)
    _print_removal(settings, removal)


def _confirm(scope: Scope, yes: bool) -> None:
    console.print(f"Fiches à retirer : [bold]{len(scope.records)}[/]")
    for operator, count in scope.by_operator.items():
        console.print(f"  {operator} : {count}")
    if not yes:
        typer.confirm("Retirer ces fiches, sans retour possible ?", abort=True)


def _print_removal(settings: Settings, removal: Removal) -> None:
    from synchro.erasure import workbooks_to_delete

    console.print(f"Lignes retirées : [bold]{removal.rows_removed}[/] ; livraisons : {removal.deliveries_touched}")
    console.print(f"Reçu : {escape(str(settings.receipts / removal.file_name))}")
    console.print("Les fichiers reçus, les sauvegardes et les publications déjà remises restent à traiter à la main.")
    for path in workbooks_to_delete(settings):
        console.print(f"  à supprimer ou à réécrire : {escape(str(path))}")
