"""The `synchro` command: a thin function a command; each prints in French what was done and where to look."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.markup import escape

# A command is there once its module is imported.
from synchro.cli import (  # noqa: F401
    brief,
    dashboard,
    delivery,
    documents,
    linkage,
    month,
    onboarding,
    publication,
    quality,
    rights,
    territory,
)
from synchro.cli.common import EXIT_ERROR, app, console
from synchro.errors import SynchroError


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


def _place(error: BaseException) -> str:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno))
        trace = trace.tb_next
    return "{}:{}".format(*frames[-1]) if frames else "lieu inconnu"
