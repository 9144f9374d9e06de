"""A new operator: what an unknown file holds, and the files that a contract, its models and its words need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from synchro.cli.common import app, console
from synchro.french import number
from synchro.onboarding.report import percent, sureness, write_report
from synchro.settings import Settings

if TYPE_CHECKING:
    from synchro.onboarding.profiling import FileProfile

_COLOURS = {"sûr": "green", "probable": "yellow", "à vérifier": "red"}

# Words of each list on the screen; the page has them all.
_WORDS_SHOWN = 6

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
    """Dit ce que contient un fichier, sans valeur d'une personne : colonnes, rôles, mots, écarts au contrat."""
    from synchro.onboarding.profiling import study

    settings = Settings.from_environment()
    told = study(file, settings.project_dir, operator).profile
    page = html or settings.warehouse.parent / "profil.html"
    write_report(told, page)
    _print_profile(told)
    console.print(f"\nLa même chose, avec tous les mots : [bold]{escape(str(page))}[/]")


def _print_profile(told: FileProfile) -> None:
    console.print(f"[bold]{escape(told.name)}[/] : {number(told.rows)} lignes, {len(told.columns)} colonnes")
    for guess in told.guesses:
        console.print(f"  {guess.what} : {escape(guess.value)} – {_sure(guess.sure)} ({escape(guess.why)})")
    if told.lines_above:
        console.print(f"  [red]{told.lines_above} ligne(s) au-dessus de l'en-tête[/] : à faire retirer")
    console.print(_columns_table(told))
    console.print(_words_table(told))
    if told.differences:
        console.print(_differences_table(told))
    elif told.contract:
        console.print(f"Aucun écart au contrat de {told.contract}.")


def _table(title: str, *headers: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", header_style="bold", show_edge=False)
    for header in headers:
        table.add_column(header, justify="right" if header in ("n°", "rempli", "distinctes", "lignes") else "left")
    return table


def _columns_table(told: FileProfile) -> Table:
    table = _table("Colonnes", "n°", "en-tête", "contenu", "rempli", "distinctes", "sans doute", "", "vocabulaire")
    for column in told.columns:
        forms = "".join(f"\n{form} {percent(share)}" for form, share in column.formats)
        table.add_row(
            str(column.place),
            escape(column.header),
            f"{column.kind_fr}{forms}",
            percent(column.fill),
            number(column.distinct),
            column.field.label_fr,
            _sure(column.score),
            column.field.vocabulary or "",
        )
    return table


def _words_table(told: FileProfile) -> Table:
    table = _table(f"Mots des listes fermées (les {_WORDS_SHOWN} premiers)", "en-tête", "mot", "lignes", "code", "")
    for column in told.columns:
        header = escape(column.header)
        for word in column.words[:_WORDS_SHOWN]:
            label = escape(word.label_fr or "") if word.code else "aucun" if column.field.vocabulary else ""
            sure = _sure(word.score) if word.code else ""
            table.add_row(header, escape(word.text), number(word.count), label, sure)
            header = ""
        if column.is_list and column.hidden_words:
            hidden = f"[dim]{number(column.hidden_words)} valeur(s) non montrée(s)[/]"
            table.add_row(header, hidden, number(column.hidden_rows), "", "")
    return table


def _differences_table(told: FileProfile) -> Table:
    table = _table(f"Écarts au contrat de {told.contract}", "écart", "où", "quoi", "à faire")
    for difference in told.differences:
        table.add_row(difference.kind, *map(escape, (difference.where, difference.what, difference.todo)))
    return table


def _sure(score: float) -> str:
    word = sureness(score)
    return f"[{_COLOURS[word]}]{word}[/]"


@app.command()
def scaffold(
    operator: Annotated[str, typer.Argument(help="Code du nouvel opérateur : minuscules, chiffres, tirets bas.")],
    file: UnknownFile,
    label: Annotated[str | None, typer.Option(help="Son nom, tel qu'on le lira.")] = None,
    extract: Annotated[str | None, typer.Option(help="Code de l'extrait ; par défaut, d'après les colonnes.")] = None,
    situation: Annotated[
        str | None, typer.Option(help="Situation de toutes ses personnes, si aucune colonne ne la dit.")
    ] = None,
    channel: Annotated[str, typer.Option(help="Mode de contact, pour une liste de contacts.")] = "visit",
    request_kind: Annotated[
        str, typer.Option(help="Nature des demandes, pour une liste de demandes.")
    ] = "siao_insertion",
) -> None:
    """Écrit, d'après un fichier, le contrat, les modèles, les mots et les tests d'un nouvel opérateur, à relire."""
    from synchro.onboarding.drafting import Options
    from synchro.onboarding.scaffolding import scaffold as write_scaffold

    settings = Settings.from_environment()
    options = Options(label, extract, situation, channel, request_kind)
    result = write_scaffold(operator, file, settings.project_dir, options)
    console.print(f"Nouvel opérateur [bold]{operator}[/] : {', '.join(result.draft.entities)}")
    for proposal in result.proposals:
        verb = "écrit   " if proposal.is_new else "complété"
        console.print(f"  {verb} [bold]{escape(proposal.path)}[/]", soft_wrap=True)
        console.print(f"           à relire : {escape(proposal.review)}", soft_wrap=True)
    if result.draft.remarks:
        console.print("\n[bold]À trancher[/]")
    for remark in result.draft.remarks:
        console.print(f"  [yellow]•[/] {escape(remark)}", soft_wrap=True)
    console.print("\n[bold]Ensuite[/]")
    console.print(
        f"  déposer : inbox/{operator}/{escape(result.draft.file)}, puis synchro land inbox", soft_wrap=True
    )
    console.print("  construire et contrôler : dbt build")
    console.print("  relire : git diff, et les mots : grep « à relire » dans seeds/mappings/")
