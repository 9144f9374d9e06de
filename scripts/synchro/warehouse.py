"""Connections to the two DuckDB files, attached under the names that dbt uses: `synchro` and `vault`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from synchro.errors import LockedDatabase, SynchroError
from synchro.settings import Settings

# Nothing is fetched from the network, whatever a query says.
_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
WAREHOUSE, VAULT = "synchro", "vault"
_OPEN_TODO = "vérifier les droits et l'espace disque ; au besoin remettre une sauvegarde des deux fichiers"


def connect_read_only(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Both files, read-only. Raises SynchroError (NO_WAREHOUSE) if one is missing, LockedDatabase if in use."""
    for path in (settings.warehouse, settings.vault):
        if not path.is_file():
            todo = "lancer d'abord `synchro land DOSSIER`"
            raise SynchroError("NO_WAREHOUSE", "base de données absente", str(path), todo)
    return _connect({WAREHOUSE: settings.warehouse, VAULT: settings.vault}, read_only=True)


def connect_to_write(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Both files, for the one process that writes; created, readable by their owner only, if missing."""
    paths = {WAREHOUSE: settings.warehouse, VAULT: settings.vault}
    new = [path for path in paths.values() if not path.exists()]
    for path in new:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            raise SynchroError("DATABASE", "dossier impossible à créer", str(path.parent), _OPEN_TODO) from None
    connection = _connect(paths, read_only=False)
    for path in new:
        path.chmod(0o600)
    return connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Everything or nothing; DuckDB lets one transaction write to one attached file only."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def quoted(*names: str) -> str:
    """A possibly qualified identifier: every name between double quotes."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def _connect(paths: dict[str, Path], read_only: bool) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config=_CONFIG)
    for alias, path in paths.items():
        literal = str(path).replace("'", "''")
        mode = " (read_only)" if read_only else ""
        try:
            connection.execute(f"attach '{literal}' as {alias}{mode}")
        except duckdb.Error as error:
            connection.close()
            raise _in_french(error, path) from None
    return connection


def _in_french(error: duckdb.Error, path: Path) -> SynchroError:
    """DuckDB's reason in our words; of its text only the number of the other process is taken over."""
    text = str(error).lower()
    if "lock" in text or "already attached" in text or "different configuration" in text:
        process = re.search(r"pid (\d+)", text)
        who = f"processus {process[1]}" if process else "un autre processus"
        todo = f"attendre la fin de l'autre traitement ({who}) ou le fermer, puis relancer"
        return LockedDatabase("LOCKED", f"base de données occupée par {who}", str(path), todo)
    return SynchroError("DATABASE", "base de données impossible à ouvrir", str(path), _OPEN_TODO)
