"""The dashboard: a publication as a site, on this machine."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer
from rich.markup import escape

from synchro.cli.common import app, console
from synchro.settings import Settings


@app.command()
def dashboard(
    audience: Annotated[str, typer.Option(help="Publication à montrer : internal ou public.")] = "internal",
    port: Annotated[int, typer.Option(help="Port de ce poste.")] = 3000,
    serve: Annotated[bool, typer.Option(help="Servir le site une fois construit.")] = True,
) -> None:
    """Construit le tableau de bord d'une publication, et le sert sur ce poste (Node nécessaire)."""
    from synchro.dashboard.site import build_site, serve_site

    settings = Settings.from_environment()
    site = build_site(settings, audience, say=lambda step: console.print(step))
    console.print(f"Site : [bold]{escape(str(site))}[/]")
    if serve:
        console.print(f"À ouvrir : [bold]http://127.0.0.1:{port}/[/] (Ctrl-C pour arrêter)")
        with serve_site(settings, site, port) as server, suppress(KeyboardInterrupt):
            server.wait()
