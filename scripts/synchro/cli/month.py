"""The month: landing what operators sent, building, publishing."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from synchro.cli.common import EXIT_ERROR, app, console, progress_bars
from synchro.french import number
from synchro.settings import Settings

if TYPE_CHECKING:
    from synchro.receipts import Receipt

# A rejected file is not a failed command: the others landed. Scripts can tell the two apart.
EXIT_REJECTED = 3

_STATUSES = {"accepted": "reçus", "duplicate": "déjà là", "rejected": "rejetés"}
_ROW_COUNTS = {
    "rows_in": "lues",
    "rows_landed": "déposées",
    "rows_deduplicated": "doublons",
    "rows_quarantined": "écartées",
}

Inbox = Annotated[Path, typer.Argument(help="Dossier reçu : un sous-dossier par opérateur.")]
ReceivedAt = Annotated[
    datetime | None,
    typer.Option(help="Date de réception (UTC) des fichiers sans bordereau ; par défaut, maintenant."),
]


@app.command()
def land(
    inbox: Inbox,
    received_at: ReceivedAt = None,
) -> None:
    """Réceptionne les fichiers nouveaux : contrôle, encodage des identités, dépôt, accusés de réception."""
    from synchro.landing import land as land_inbox

    settings = Settings.from_environment()
    with progress_bars() as progress:
        receipts = land_inbox(inbox, settings, received_at=received_at, progress=progress)
    _exit_on_rejected(_print_receipts(receipts, settings))


@app.command()
def run(
    inbox: Inbox,
    received_at: ReceivedAt = None,
) -> None:
    """Le mois en une commande : réception, construction à part, contrôles, mise en place, publication."""
    from synchro.run import run as run_month

    settings = Settings.from_environment()
    with progress_bars() as progress:
        result = run_month(inbox, settings, received_at=received_at, progress=progress)
    rejected = _print_receipts(result.receipts, settings)
    tests = result.build.counts
    console.print(
        f"Construction : {tests.get('success', 0)} tables, {tests.get('pass', 0)} contrôles réussis, "
        f"{tests.get('warn', 0)} avertissement(s)"
    )
    for name in result.build.warned:
        console.print(f"  [yellow]à regarder[/] : {name}")
    console.print("\n[bold]Où regarder[/]")
    console.print(f"  la liste et les indicateurs : {settings.warehouse}")
    console.print(f"  la publication interne      : {result.published}")
    console.print(f"  les accusés de réception    : {settings.receipts}")
    console.print("  le lignage et les définitions : make docs, puis target/docs/static_index.html")
    _exit_on_rejected(rejected)


@app.command()
def publish(
    audience: Annotated[str, typer.Option(help="internal (sous convention) ou public.")] = "public",
    revise: Annotated[
        bool, typer.Option("--revise", help="Publier aussi les révisions des mois déjà publiés (public seulement).")
    ] = False,
) -> None:
    """Publie les tables vers published/<audience>, en un millésime numéroté et figé, au format lu par Evidence."""
    from synchro.publish import publish as publish_marts
    from synchro.vintages import append_figures, built_figures

    settings = Settings.from_environment()
    with progress_bars() as progress:
        summary = publish_marts(settings, audience=audience, progress=progress, revise=revise)
    append_figures(settings, built_figures(settings), "published")
    told = "" if summary.is_new else ", inchangé : rien de nouveau à publier"
    console.print(f"Publication [bold]{audience}[/], millésime {summary.vintage}{told} : {summary.folder}")
    console.print(f"  {len(summary.tables)} tables ; dictionnaire : {summary.folder}/dictionnaire.csv")
    if not summary.is_signed:
        console.print("  manifeste non signé : « synchro keygen » fait les clés de l'opérateur technique")
    for name, reason in summary.not_handed_over.items():
        console.print(f"  non remise : {name} ({escape(reason)})")
    for warning in summary.warnings:
        console.print(f"  [yellow]à regarder[/] : {escape(warning)}")


@app.command()
def verify(
    folder: Annotated[
        Path | None, typer.Argument(help="Une publication, ou le dossier qui les contient (par défaut, published/).")
    ] = None,
    by: Annotated[
        Path | None,
        typer.Option("--by", help="Fichier public/reception.json du signataire ; par défaut, celui d'ici."),
    ] = None,
) -> None:
    """Vérifie qu'une publication est restée ce qui a été publié : fichiers, tables, suite des millésimes."""
    from synchro.reception import load_public, public_path
    from synchro.verify import verify as verify_folder

    settings = Settings.from_environment()
    by = by or public_path(settings.keys)
    key = load_public(by).receipt_key if by.exists() else None
    with progress_bars() as progress:
        done = verify_folder(folder or settings.published, key, progress)
    for note in done.notes:
        console.print(f"  [yellow]à savoir[/] : {escape(note)}")
    for finding in done.findings:
        console.print(f"  [red]altéré[/] {escape(str(finding))}")
    console.print(f"{len(done.publications)} publication(s) vérifiée(s), {len(done.findings)} écart(s)")
    if done.findings:
        raise typer.Exit(EXIT_ERROR)


@app.command()
def vintages() -> None:
    """Reconstitue les chiffres des mois jamais publiés, tels qu'ils étaient connus à l'échéance des fichiers."""
    from synchro.vintages import rebuild_vintages

    settings = Settings.from_environment()
    with progress_bars() as progress:
        written = rebuild_vintages(settings, progress=progress)
    for month, count in written.items():
        console.print(f"  {month:%m/%Y} : {number(count)} chiffre(s) nouveaux ou changés")
    console.print(f"{len(written)} mois reconstitué(s) ; « dbt build » en tiendra compte (révisions, fiabilité).")


def _print_receipts(receipts: list[Receipt], settings: Settings) -> int:
    """Print the table of what was received; returns the number of rejected files."""
    by_operator: dict[str, Counter] = {}
    for receipt in receipts:
        counts = by_operator.setdefault(receipt.operator, Counter())
        counts[receipt.status] += 1
        counts.update({name: getattr(receipt, name) for name in _ROW_COUNTS if receipt.status == "accepted"})
    table = Table(title="Réception (fichiers, puis lignes)", title_justify="left", header_style="bold")
    table.add_column("opérateur", no_wrap=True)
    for header in (*_STATUSES.values(), *_ROW_COUNTS.values()):
        table.add_column(header, justify="right")
    for operator, counts in sorted(by_operator.items()):
        values = (*_STATUSES, *_ROW_COUNTS)
        table.add_row(operator, *(number(counts[value]) for value in values))
    console.print(table)
    for receipt in receipts:
        _print_remarks(receipt)
    console.print(f"Accusés de réception : {settings.receipts}")
    return sum(receipt.status == "rejected" for receipt in receipts)


def _print_remarks(receipt: Receipt) -> None:
    """What a person should read of one file: why it was rejected, or what of it was set aside."""
    from synchro.receipts import NOTES

    if receipt.status == "rejected":
        console.print(f"  [red]rejeté[/] {receipt.file_name} ({receipt.code}) : {escape(receipt.message)}")
    remarks = {
        "ligne(s) écartée(s)": receipt.rows_quarantined,
        "valeur(s) masquée(s)": receipt.values_masked,
        "valeur(s) illisible(s)": receipt.values_unreadable,
        "colonne(s) hors contrat, non conservée(s)": receipt.columns_unknown,
    }
    found = [f"{count} {label}" for label, count in remarks.items() if count]
    found += [f"{count} {NOTES[code]}" for code, count in receipt.notes.items()]
    if receipt.status == "accepted" and found:
        console.print(f"  [yellow]à regarder[/] {receipt.operator}/{receipt.file_name} : {', '.join(found)}")


def _exit_on_rejected(rejected: int) -> None:
    if rejected:
        console.print(f"[bold]{rejected} fichier(s) rejeté(s)[/] : les autres ont été déposés.")
        raise typer.Exit(EXIT_REJECTED)
