"""The `synchro` command: a thin function a command; each prints in French what was done and where to look."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from synchro.errors import SynchroError
from synchro.french import number
from synchro.settings import Settings

if TYPE_CHECKING:
    from synchro.receipts import Receipt

# A rejected file is not a failed command: the others landed. Scripts can tell the two apart.
EXIT_ERROR = 1
EXIT_REJECTED = 3

app = typer.Typer(
    name="synchro",
    help="SYNCHRØ : une liste compilée des personnes sans domicile, à partir de celles des opérateurs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False)

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
ProgressCallback = Callable[[str, int, int], None]


def main() -> None:
    """Entry point: an expected error is one clear message and exit code 1, never a traceback."""
    try:
        app()
    except SynchroError as error:
        console.print(f"\n[bold red]Arrêt.[/] {escape(str(error))}")
        sys.exit(EXIT_ERROR)
    except Exception as error:
        # The text of an unforeseen error may quote data: its type and place are all that is shown.
        console.print(f"\n[bold red]Erreur imprévue[/] ({type(error).__name__}, {_place(error)}).")
        console.print("Rien n'a été modifié par l'étape en cours. Merci de signaler ce type et ce lieu.")
        sys.exit(EXIT_ERROR)


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(help="Dossier à écrire : inbox/ et truth/.")],
    persons: Annotated[int, typer.Option(help="Personnes sans domicile à un moment donné.")] = 900,
    months: Annotated[int, typer.Option(help="Nombre de mois.")] = 24,
    seed: Annotated[int, typer.Option(help="Graine : mêmes options, mêmes fichiers.")] = 1,
    start: Annotated[str, typer.Option(help="Premier mois (AAAA-MM).")] = "2024-01",
) -> None:
    """Écrit un territoire fictif : les fichiers mensuels de dix opérateurs, et la vérité à côté."""
    from synchro.simulate import simulate as write_territory

    with _progress() as progress:
        summary = write_territory(out, persons, months, seed, start, progress)
    console.print(f"Territoire simulé : [bold]{out}/inbox[/] (vérité : {out}/truth)")
    for label, value in summary.items():
        if isinstance(value, str | int | float):
            console.print(f"  {label} : {value}")


@app.command()
def land(
    inbox: Inbox,
    received_at: ReceivedAt = None,
) -> None:
    """Réceptionne les fichiers nouveaux : contrôle, encodage des identités, dépôt, accusés de réception."""
    from synchro.landing import land as land_inbox

    settings = Settings.from_environment()
    with _progress() as progress:
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
    with _progress() as progress:
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
) -> None:
    """Exporte les tables publiées vers published/<audience>, au format lu par Evidence."""
    from synchro.publish import publish as publish_marts

    settings = Settings.from_environment()
    with _progress() as progress:
        summary = publish_marts(settings, audience=audience, progress=progress)
    console.print(f"Publication [bold]{audience}[/] : {summary.folder}")
    console.print(f"  {len(summary.tables)} tables ; dictionnaire : {summary.folder}/dictionnaire.csv")


@app.command()
def score(
    truth: Annotated[Path, typer.Argument(help="Dossier truth/ écrit par « synchro simulate ».")],
    as_json: Annotated[bool, typer.Option("--json", help="Écrit les figures en JSON.")] = False,
) -> None:
    """Compare la construction à la vérité simulée : rapprochement, présence, stock et flux."""
    from synchro.score import score as score_build

    with _progress() as progress:
        result = score_build(truth, Settings.from_environment(), progress=progress)
    typer.echo(result.to_json()) if as_json else typer.echo(result.to_text())


@app.command()
def train(
    seed: Annotated[int, typer.Option(help="Graine : mêmes fiches, même graine, mêmes poids.")] = 1,
) -> None:
    """Apprend les poids du rapprochement sur les fiches déposées (Splink) ; « dbt build » les applique ensuite."""
    from synchro.training import train_on_vault

    with _progress() as progress:
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


@contextmanager
def _progress() -> Iterator[ProgressCallback]:
    """A bar for each step of long work; on a pipe or in CI rich prints nothing but the last state."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(description: str, done: int, total: int) -> None:
            if description not in tasks:
                tasks[description] = bars.add_task(description, total=total)
            bars.update(tasks[description], completed=done, total=total)

        yield advance


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
    if receipt.status == "rejected":
        console.print(f"  [red]rejeté[/] {receipt.file_name} ({receipt.code}) : {escape(receipt.message)}")
    remarks = {
        "ligne(s) écartée(s)": receipt.rows_quarantined,
        "valeur(s) masquée(s)": receipt.values_masked,
        "valeur(s) illisible(s)": receipt.values_unreadable,
        "colonne(s) hors contrat, non conservée(s)": receipt.columns_unknown,
    }
    found = [f"{count} {label}" for label, count in remarks.items() if count]
    if receipt.status == "accepted" and found:
        console.print(f"  [yellow]à regarder[/] {receipt.operator}/{receipt.file_name} : {', '.join(found)}")


def _exit_on_rejected(rejected: int) -> None:
    if rejected:
        console.print(f"[bold]{rejected} fichier(s) rejeté(s)[/] : les autres ont été déposés.")
        raise typer.Exit(EXIT_REJECTED)


def _place(error: BaseException) -> str:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno))
        trace = trace.tb_next
    return "{}:{}".format(*frames[-1]) if frames else "lieu inconnu"


if __name__ == "__main__":
    main()
