"""The site of an edition: install Evidence, build, serve on this machine only."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from synchro.dashboard.edition import write_edition
from synchro.dashboard.pages import GUIDE
from synchro.errors import SynchroError
from synchro.settings import Settings

_NODE = 20
_OWN_FILES = ("components", "pages", "partials", "scripts", "sources", "static", "evidence.config.yaml", "labels.csv")
_INSTALLED = ("package.json", "package-lock.json", "scripts")


def build_site(settings: Settings, audience: str, say: Callable[[str], None] = lambda step: None) -> Path:
    """Build the site of `published/<audience>` if anything changed since, and return its folder.

    Raises SynchroError: NODE_MISSING, DASHBOARD_INSTALL, DASHBOARD_BUILD; those of `write_edition`.
    """
    project = settings.project_dir / "dashboard"
    publication = (settings.published / audience).resolve()
    folder = project / ".editions" / audience
    _check_node()
    installed = _digest(project / name for name in _INSTALLED)
    modules = project / "node_modules" / ".synchro"
    if _read(modules) != installed:
        say("Installation d'Evidence (une fois, une à deux minutes)…")
        _run(["npm", "install", "--no-audit", "--no-fund"], project, project / "npm.log", "DASHBOARD_INSTALL")
        modules.write_text(installed)
    # Taken before the build: what changes meanwhile makes it stale.
    own = [
        *(project / name for name in (*_OWN_FILES, *_INSTALLED)),
        settings.project_dir / GUIDE,
        Path(__file__).parent,
    ]
    inputs = _digest([publication, *own])
    stamp = folder / "build.sha256"
    if _read(stamp) != inputs:
        say("Construction du site (une à trois minutes)…")
        write_edition(publication, project, folder)
        evidence = str(project / "node_modules" / ".bin" / "evidence")
        _run([evidence, "sources", "--strict"], folder, folder / "sources.log", "DASHBOARD_BUILD")
        _run([evidence, "build:strict"], folder, folder / "build.log", "DASHBOARD_BUILD")
        stamp.write_text(inputs)
    return folder / "build"


def serve_site(settings: Settings, site: Path, port: int) -> subprocess.Popen[bytes]:
    """Serve the site on 127.0.0.1; the caller waits for the process, or ends it. SynchroError: DASHBOARD_PORT."""
    with socket.socket() as probe:
        # The server would take another port without a word.
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            todo = "en choisir un autre, par exemple « make dashboard PORT=3001 »"
            raise SynchroError("DASHBOARD_PORT", "Ce port est déjà pris sur ce poste", where=str(port), todo=todo)
    sirv = settings.project_dir / "dashboard" / "node_modules" / ".bin" / "sirv"
    command = [str(sirv), str(site), "--host", "127.0.0.1", "--port", str(port), "--quiet"]
    return subprocess.Popen(command, env=_environment())  # noqa: S603


def _check_node() -> None:
    node = shutil.which("node")
    if node and shutil.which("npm"):
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout  # noqa: S603
        if version.startswith("v") and int(version[1:].split(".")[0]) >= _NODE:
            return
    raise SynchroError(
        "NODE_MISSING",
        f"Le tableau de bord se construit avec Node {_NODE} ou plus récent, et npm : ils manquent",
        todo="installer Node (nodejs.org, ou apt-get install nodejs npm) ; le reste de SYNCHRØ s'en passe",
    )


def _run(command: list[str], folder: Path, log: Path, code: str) -> None:
    with log.open("wb") as output:
        done = subprocess.run(command, cwd=folder, env=_environment(), stdout=output, stderr=output)  # noqa: S603
    if done.returncode:
        raise SynchroError(
            code,
            "Evidence n'a pas pu être installé"
            if code == "DASHBOARD_INSTALL"
            else "Le site n'a pas pu être construit",
            where=str(log),
            todo="lire la fin de ce journal",
        )


def _environment() -> dict[str, str]:
    # Evidence reports each command to its makers unless it is told not to; npm looks for its own updates.
    return {**os.environ, "SEND_ANONYMOUS_USAGE_STATS": "no", "npm_config_update_notifier": "false"}


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


def _digest(inputs: Iterable[Path]) -> str:
    """One sha256 of the names and bytes of files, those of folders included."""
    total = hashlib.sha256()
    for path in inputs:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                total.update(f"{file}\0".encode())
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
