"""Sealed deliveries: keys, sealing at the operator's, verifying receipts."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from synchro.cli.common import EXIT_ERROR, app, console, progress_bars
from synchro.settings import Settings

Operator = Annotated[str | None, typer.Option(help="Code de l'opérateur, comme dans models/staging.")]
Files = Annotated[list[Path], typer.Argument(help="Fichiers à traiter.")]
PublicFile = Annotated[
    Path | None, typer.Option(help="Fichier public/reception.json donné par l'opérateur technique.")
]


@app.command()
def keygen(operator: Operator = None) -> None:
    """Crée les clés de l'opérateur technique ou, avec --operator, celle d'un opérateur. N'écrase jamais rien."""
    from synchro.reception import generate_operator, generate_reception

    settings = Settings.from_environment()
    if operator is None:
        written = generate_reception(settings)
    else:
        written, public = generate_operator(settings, operator)
    for path in written:
        secret = "[bold]secret[/], ne pas transmettre" if path.parent.name != "public" else "public, à transmettre"
        console.print(f"  {path} : {secret}")
    if operator is None:
        console.print("recuperation.json : à mettre en lieu sûr, hors de cette machine, puis à effacer d'ici.")
        console.print("couche-operateur.json : aux opérateurs seulement, par un autre chemin que les livraisons.")
    else:
        console.print(f"À inscrire au contrat de {operator}, sous `config: meta:` :")
        console.print(f'  signing_keys: [{{key: "{public}"}}]', markup=False)


@app.command()
def seal(
    files: Files,
    operator: Operator = None,
    out: Annotated[Path, typer.Option(help="Dossier des livraisons scellées.")] = Path("sealed"),
    to: PublicFile = None,
    key: Annotated[Path | None, typer.Option(help="Clé de signature de l'opérateur (keygen --operator).")] = None,
    encode: Annotated[
        bool | None,
        typer.Option(help="Encoder ici les identités avec K1 (par défaut si couche-operateur.json est là)."),
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(min=1, max=999, help="Numéro de livraison, si le dossier des envois précédents est perdu."),
    ] = None,
    produced_at: Annotated[datetime | None, typer.Option(help="Moment (UTC) ; par défaut, maintenant.")] = None,
) -> None:
    """Chez l'opérateur : contrôle des fichiers, retrait de ce qui est hors contrat, chiffrement, signature."""
    from synchro.sealing import load_sealer, seal_all

    settings = Settings.from_environment()
    sealer = load_sealer(settings, files, operator, to, key, encode)
    with progress_bars() as progress:
        outcomes = seal_all(files, out, sealer, produced_at, number, progress)
    counts = Counter()
    for outcome in outcomes:
        counts["refused" if outcome.error else "sealed"] += 1
        if outcome.error:
            console.print(f"  [red]refusé[/] ({outcome.error.code}) : {escape(str(outcome.error))}")
            continue
        sealed = outcome.sealed
        state = "scellé" if sealed.is_new else "déjà scellé"
        dropped = sealed.manifest.columns_dropped
        remark = f", {dropped} colonne(s) hors contrat retirée(s)" if dropped else ""
        remark += ", identités encodées" if sealed.manifest.is_encoded else ""
        console.print(f"  {state} : {escape(str(sealed.path))} ({sealed.manifest.rows} lignes{remark})")
    if counts["sealed"]:
        console.print("À transmettre : chaque fichier .age avec son .manifest.json, sans les renommer.")
    if counts["refused"]:
        console.print(f"[bold]{counts['refused']} fichier(s) refusé(s)[/] : rien n'en a été écrit.")
        raise typer.Exit(EXIT_ERROR)


@app.command("verify-receipt")
def verify_receipt(files: Files, by: PublicFile = None) -> None:
    """Vérifie que des accusés de réception sont bien signés par l'opérateur technique, et non modifiés."""
    from synchro.receipts import is_authentic
    from synchro.reception import load_public, public_path

    public = load_public(by or public_path(Settings.from_environment().keys))
    false = [path for path in files if not is_authentic(path, public.receipt_key)]
    for path in files:
        verdict = "[red]signature fausse ou absente[/]" if path in false else "authentique"
        console.print(f"  {escape(str(path))} : {verdict}")
    if false:
        raise typer.Exit(EXIT_ERROR)
