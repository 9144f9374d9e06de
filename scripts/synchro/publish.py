"""`synchro publish`: the marts as a folder that a dashboard reads. All or nothing: a reader sees old or new.

`published/<audience>` is a symbolic link to a hidden folder beside it. A publication is written whole in another
hidden folder, made durable, and put in place by replacing the link, which the file system does in one step.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from synchro.artifacts import Artifacts, TableDoc, read_artifacts
from synchro.dictionary import EMPTY_TABLE, Deliveries, Dictionary, PublishedTable
from synchro.errors import SynchroError
from synchro.export import Pseudonyms, read_table, table_columns, write_parquet
from synchro.keys import load_keys
from synchro.list_workbook import write_list_workbook
from synchro.lock import exclusive_lock
from synchro.settings import Settings
from synchro.warehouse import connect_read_only

Progress = Callable[[str, int, int], None]

_FILE_MODE = 0o640
_FOLDER_MODE = 0o750
_DATA = Path("data") / "synchro"
_SOURCES = Path("sources") / "synchro"
_CONNECTION = "name: synchro\ntype: duckdb\noptions:\n  filename: ':memory:'\n"


@dataclass(frozen=True)
class Publication:
    """What was published, and where to look."""

    audience: str
    folder: Path
    tables: list[PublishedTable]
    deliveries: Deliveries

    @property
    def not_handed_over(self) -> dict[str, str]:
        """Why a table is only in the dictionary, by its name."""
        return {table.name: table.reason for table in self.tables if table.reason is not None}


def publish(
    settings: Settings,
    audience: str = "internal",
    target_dir: Path | None = None,
    progress: Progress | None = None,
) -> Publication:
    """Export the public marts and the labels of `settings.warehouse` to `settings.published/<audience>`.

    `target_dir` holds the manifest and results of the build (default: `settings.target`). Nothing in the
    files depends on the clock: the same warehouse, keys and build give the same bytes.
    Raises SynchroError, and leaves the earlier publication as it was: NO_DISCLOSURE_CONTROL, AUDIENCE, MANIFEST,
    BUILD_FAILED, BUILD_PARTIAL, NO_DELIVERY, MARTS_NOT_BUILT, NOT_PLAIN, KEY_LEAK, TABLE_NAME, LOCKED,
    PUBLISHED_FOLDER, WRITE; those of `load_keys` and `connect_read_only`.
    """
    _check_audience(audience)
    artifacts = read_artifacts(target_dir or settings.target)
    pseudonyms = Pseudonyms(load_keys(settings.keys), audience)
    try:
        with _new_folder(settings.published, audience) as folder:
            with closing(connect_read_only(settings)) as warehouse:
                # Identities have no part in a publication: their file is let go before anything is read.
                warehouse.execute("use synchro; detach vault")
                dictionary = _dictionary(warehouse, settings, audience, artifacts)
                tables = []
                for done, table in enumerate(artifacts.tables, start=1):
                    tables.append(_export(warehouse, table, pseudonyms, folder))
                    if progress:
                        progress("Publication", done, len(artifacts.tables))
            dictionary = dictionary.with_tables(tables)
            _write_texts(dictionary, folder)
            write_list_workbook(folder / _DATA, folder, dictionary.deliveries)
            _put_in_place(folder, settings.published / audience)
    except OSError as error:
        raise SynchroError(
            "WRITE",
            f"La publication n'a pas pu être écrite ({os.strerror(error.errno or 0)})",
            where=str(settings.published),
            todo="vérifier la place et les droits ; la publication précédente est intacte",
        ) from None
    return Publication(audience, settings.published / audience, tables, dictionary.deliveries)


def _check_audience(audience: str) -> None:
    if audience == "public":
        raise SynchroError(
            "NO_DISCLOSURE_CONTROL",
            "La publication « public » est refusée : le contrôle du secret statistique (seuils, arrondis, secret "
            "secondaire) n'existe pas encore, et des effectifs exacts désigneraient des personnes",
            todo="publier pour les organismes sous convention avec « synchro publish --audience internal »",
        )
    if audience != "internal":
        raise SynchroError(
            "AUDIENCE", "Ce public n'existe pas", where=audience, todo="choisir « internal » (ou « public »)"
        )


def _dictionary(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, audience: str, artifacts: Artifacts
) -> Dictionary:
    """The dictionary without its tables: what the build was given and what it rests on."""
    variables = {**settings.variables, **artifacts.command_vars}
    return Dictionary(
        audience=audience,
        territory=str(variables["territory"]),
        as_of=str(variables["as_of"]),
        deliveries=_deliveries(warehouse, str(variables["as_of"])),
        dbt_version=artifacts.dbt_version,
        dbt_vars=variables,
    )


def _deliveries(warehouse: duckdb.DuckDBPyConnection, as_of: str) -> Deliveries:
    """What was delivered by the end of the day `as_of` (YYYY-MM-DD)."""
    # The last day of the calendar has no next day; nothing is received that day either.
    known_before = min(date.fromisoformat(as_of), date.max - timedelta(days=1)) + timedelta(days=1)
    count, is_synthetic, first_month, last_month, last_received_at = warehouse.execute(
        """
        select
            count(*), bool_or(is_synthetic), cast(min(reference_month) as varchar),
            cast(max(reference_month) as varchar), cast(max(received_at) as varchar)
        from raw.deliveries
        where received_at < ?
        """,
        [known_before],
    ).fetchone()
    if not count:
        raise SynchroError(
            "NO_DELIVERY",
            "Aucune livraison n'était connue à cette date : il n'y a rien à publier",
            where=f"as_of {as_of}",
            todo="déposer des fichiers avec « synchro land », puis lancer « dbt build »",
        )
    return Deliveries(count, is_synthetic, first_month, last_month, last_received_at)


def _export(
    warehouse: duckdb.DuckDBPyConnection, table: TableDoc, pseudonyms: Pseudonyms, folder: Path
) -> PublishedTable:
    columns = table_columns(warehouse, table)
    frame = read_table(warehouse, table, columns, pseudonyms)
    if frame.empty:
        return PublishedTable(table, columns, 0, EMPTY_TABLE)
    write_parquet(frame, _file_in(folder, _DATA / f"{table.name}.parquet"))
    query = f"select * from read_parquet('{_DATA.as_posix()}/{table.name}.parquet')\n"
    _file_in(folder, _SOURCES / f"{table.name}.sql").write_text(query, encoding="utf-8")
    return PublishedTable(table, columns, len(frame), None)


def _write_texts(dictionary: Dictionary, folder: Path) -> None:
    _file_in(folder, _SOURCES / "connection.yaml").write_text(_CONNECTION, encoding="utf-8")
    _file_in(folder, Path("dictionary.json")).write_text(dictionary.to_json(), encoding="utf-8")
    # Excel reads UTF-8 only after a byte order mark; `newline=""` keeps the line ends of RFC 4180.
    _file_in(folder, Path("dictionnaire.csv")).write_text(dictionary.to_csv(), encoding="utf-8-sig", newline="")
    _file_in(folder, Path("README.txt")).write_text(dictionary.to_readme(), encoding="utf-8")


def _file_in(folder: Path, name: Path) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def _new_folder(published: Path, audience: str) -> Iterator[Path]:
    """An empty hidden folder for the next publication, under a lock that ends with the process.

    On the way out only the folder that `published/<audience>` points to is kept: a failed attempt, one that was
    killed and the publication just replaced all go, since each is a copy of persons' data.
    """
    published.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
    current = published / audience
    if current.exists() and not current.is_symlink():
        raise SynchroError(
            "PUBLISHED_FOLDER",
            "La place de la publication est prise par un dossier que SYNCHRØ n'a pas écrit",
            where=str(current),
            todo="le déplacer, puis relancer",
        )
    with exclusive_lock(published / f".{audience}.lock", "Une autre publication est en cours"):
        folder = Path(tempfile.mkdtemp(prefix=f".{audience}-", dir=published))
        try:
            yield folder
        finally:
            _remove_others(published, audience)


def _remove_others(published: Path, audience: str) -> None:
    kept = (published / audience).resolve()
    for folder in published.glob(f".{audience}-*"):
        if folder.resolve() != kept:
            shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(folder: Path, current: Path) -> None:
    """Make every byte durable, then turn the link over; a crash before or after leaves one whole publication."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            os.chmod(Path(parent, name), _FILE_MODE)
            _sync(Path(parent, name))
        os.chmod(parent, _FOLDER_MODE)
        _sync(Path(parent))
    link = folder.with_name(f".{current.name}.link")
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    os.replace(link, current)
    _sync(current.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
