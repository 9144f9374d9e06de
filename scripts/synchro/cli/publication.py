"""What may be asked of a public publication: what it gives away, and what lies in it by mistake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from synchro.cli.common import EXIT_ERROR, app, console, progress_bars
from synchro.french import number

if TYPE_CHECKING:
    from synchro.attack import Report

# A wrong folder has thousands of findings; the first say which it is.
_MOST_SHOWN = 50

Published = Annotated[
    list[Path], typer.Argument(help="Publications publiques, ou le dossier de leurs millésimes (published/vintages).")
]


@app.command()
def attack(
    published: Published,
    ranges: Annotated[Path | None, typer.Option(help="Écrit la plage restante de chaque case masquée (csv).")] = None,
    unrevised: Annotated[
        bool, typer.Option("--unrevised", help="Suppose aussi que rien n'a été révisé d'un millésime à l'autre.")
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Cherche les deux bouts de chaque plage (long).")] = False,
) -> None:
    """Attaque des publications comme le ferait un lecteur : que reste-t-il de chaque case masquée ?"""
    from synchro.attack import attack as attack_publications

    with progress_bars() as progress:
        report = attack_publications(published, assume_unrevised=unrevised, is_exact=exact, progress=progress)
    console.print(_table(report))
    console.print(
        f"{len(report.vintages)} millésime(s), {number(report.figures)} effectifs, {number(report.sums)} relations."
    )
    if ranges:
        report.ranges.to_csv(ranges, index=False, sep=";", encoding="utf-8-sig")
        console.print(f"Plages restantes : [bold]{escape(str(ranges))}[/]")
    for finding in report.findings:
        console.print(f"  [red]révélé[/] {escape(finding)}", soft_wrap=True)
    if not report.is_safe:
        console.print(f"[bold red]{number(report.unsafe)} case(s) masquée(s) déductible(s).[/]")
        raise typer.Exit(EXIT_ERROR)
    console.print("Aucune case masquée n'est déductible.")


def _table(report: Report) -> Table:
    table = Table(title="Ce qui reste des cases masquées", title_justify="left")
    for header in ("Table", "Colonne"):
        table.add_column(header, overflow="fold")
    for header in ("Montrées", "Masquées", "Déduites", "< 5 valeurs", "Max. ≤ 2", "Valeurs au moins"):
        table.add_column(header, justify="right")
    for column in report.columns:
        counts = (column.shown, column.hidden, column.determined, column.few_candidates, column.all_small)
        smallest = "–" if column.smallest is None else number(column.smallest)
        table.add_row(column.table, column.column, *map(number, counts), smallest)
    return table


@app.command()
def scan(
    folder: Annotated[Path, typer.Argument(help="Publication publique, ou site construit sur elle.")],
    publication: Annotated[
        Path | None, typer.Option(help="Pour un site : la publication sur laquelle il est construit.")
    ] = None,
) -> None:
    """Cherche dans chaque octet d'une publication publique ce qui ne devait pas partir."""
    from synchro.scan import scan as scan_folder

    findings = scan_folder(folder, publication=publication)
    for finding in findings[:_MOST_SHOWN]:
        console.print(f"  [red]trouvé[/] {escape(str(finding))}", soft_wrap=True)
    if findings:
        console.print(f"[bold red]{number(len(findings))} anomalie(s) : ne pas diffuser.[/]")
        raise typer.Exit(EXIT_ERROR)
    console.print("Rien d'autre que ce qui peut être montré.")
