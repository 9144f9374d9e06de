"""`synchro publish`: the marts as a folder to read, frozen and numbered. All or nothing: a reader sees old or new."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from synchro.artifacts import Artifacts, read_artifacts
from synchro.dictionary import Deliveries, PublishedTable
from synchro.errors import SynchroError
from synchro.export import Pseudonyms
from synchro.keys import load_keys
from synchro.publication.content import Content, Progress, read_content, step
from synchro.publication.edition import check_audience
from synchro.publication.files import write_files
from synchro.publication.layout import MANIFEST, PUBLIC
from synchro.publication.manifest import (
    MANIFEST_VERSION,
    Manifest,
    file_sha256,
    files_of,
    is_same_content,
    read_manifest,
    sealed,
    tables_of,
    written,
)
from synchro.publication.provenance import seeds_sha256, source_of, versions
from synchro.publication.shelf import Shelf
from synchro.reception import load_reception_if_any
from synchro.scan import Rules, exact_runs, scan
from synchro.settings import Settings
from synchro.signing import SIGNATURE
from synchro.verify import altered_files


@dataclass(frozen=True)
class Publication:
    """What was published, and where to look; `is_new` unless the last vintage said the same."""

    audience: str
    folder: Path
    vintage: int
    is_new: bool
    is_signed: bool
    tables: list[PublishedTable]
    deliveries: Deliveries
    warnings: list[str]

    @property
    def not_handed_over(self) -> dict[str, str]:
        """Why a table is only in the dictionary, by its name."""
        return {table.name: table.reason for table in self.tables if table.reason is not None}


def publish(
    settings: Settings,
    audience: str = "internal",
    target_dir: Path | None = None,
    progress: Progress | None = None,
    revise: bool = False,
) -> Publication:
    """Export the public marts and the labels of `settings.warehouse` to `settings.published/<audience>`.

    `target_dir` holds the manifest and results of the build (default: `settings.target`). `revise` (public only) lets
    figures of months published before change. Nothing in the files depends on the clock; the same content as the last
    vintage makes no new one. Raises SynchroError, and leaves the earlier publication as it was: AUDIENCE, REVISE,
    MANIFEST, BUILD_FAILED, BUILD_PARTIAL, NO_DELIVERY, MARTS_NOT_BUILT, NOT_PLAIN, KEY_LEAK, TABLE_NAME, PUBLIC_LIST,
    PUBLIC_GRID, SCAN, LOCKED, PUBLISHED_FOLDER, VINTAGE_ALTERED, DATABASE_FILE, WRITE; those of `load_keys`,
    `load_reception` and `connect_read_only`.
    """
    check_audience(audience, revise)
    artifacts = read_artifacts(target_dir or settings.target)
    pseudonyms = Pseudonyms(load_keys(settings.keys), audience)
    shelf = Shelf(settings.published, audience)
    try:
        with shelf.draft() as folder:
            if audience == PUBLIC:
                _refuse_altered(shelf)
            content = read_content(settings, artifacts, pseudonyms, shelf, revise, progress)
            write_files(content.tables, content.dictionary, folder)
            manifest = _manifest(settings, artifacts, content, shelf, folder) | {"is_revision": revise}
            return _place(shelf, folder, manifest, content, _signing_key(settings), progress)
    except OSError as error:
        raise SynchroError(
            "WRITE",
            f"La publication n'a pas pu être écrite ({os.strerror(error.errno or 0)})",
            where=str(settings.published),
            todo="vérifier la place et les droits ; la publication précédente est intacte",
        ) from None


def _refuse_altered(shelf: Shelf) -> None:
    """What was published is repeated in the next vintage: it must be what it was."""
    if shelf.last and (findings := altered_files(shelf.last[1].parent)):
        what = "Le dernier millésime n'est plus ce qui a été publié"
        raise SynchroError("VINTAGE_ALTERED", what, where=str(findings[0]), todo="le rétablir depuis une sauvegarde")


def _refuse_leaks(folder: Path, content: Content) -> None:
    """Every byte is searched for what must not leave, the exact figures among it."""
    rules = Rules(content.dictionary.disclosure)
    if findings := scan(folder, list(exact_runs(content.exact, rules))):
        what = f"La publication contient ce qui ne doit pas partir ({len(findings)} endroit(s))"
        raise SynchroError("SCAN", what, where=str(findings[0]), todo="corriger ce qui l'écrit ; rien n'a été publié")


def _manifest(settings: Settings, artifacts: Artifacts, content: Content, shelf: Shelf, folder: Path) -> Manifest:
    number, previous = shelf.last or (0, None)
    dictionary = content.dictionary
    parameters = {
        "dbt_vars": dictionary.dbt_vars,
        "disclosure": dictionary.disclosure.get("parameters"),
        "seeds_sha256": seeds_sha256(settings.project_dir),
    }
    return {
        "manifest_version": MANIFEST_VERSION,
        "audience": shelf.audience,
        "vintage": shelf.next_number,
        "previous": previous and {"vintage": number, "sha256": file_sha256(previous)},
        "territory": dictionary.territory,
        "is_synthetic": dictionary.deliveries.is_synthetic,
        **dictionary.mention,
        "as_of": dictionary.as_of,
        "inputs": content.inputs,
        # A date of dbt_project.yml is written as the dictionary writes it.
        "parameters": json.loads(json.dumps(parameters, default=str)),
        "versions": versions(),
        "source": source_of(settings.project_dir),
        "tests": {**artifacts.checks.counts, "warned": artifacts.checks.warned},
        "tables": tables_of(content.tables),
        "files": files_of(folder),
    }


def _signing_key(settings: Settings) -> str | None:
    reception = load_reception_if_any(settings)
    return reception.signing_key if reception else None


def _place(
    shelf: Shelf,
    folder: Path,
    manifest: Manifest,
    content: Content,
    signing_key: str | None,
    progress: Progress | None,
) -> Publication:
    """Put a draft in place, unless what is there says the same and is whole."""
    last = read_manifest(shelf.last[1]) if shelf.last else None
    is_new = last is None or not is_same_content(manifest, last) or bool(altered_files(shelf.link.resolve()))
    in_place = last
    if is_new:
        in_place = sealed(manifest, signing_key)
        (folder / MANIFEST).write_bytes(written(in_place))
        if shelf.audience == PUBLIC:
            with step(progress, "Relecture de chaque octet"):
                _refuse_leaks(folder, content)
        shelf.put_in_place(folder, manifest["vintage"])
    return Publication(
        audience=shelf.audience,
        folder=shelf.link,
        vintage=in_place["vintage"],
        is_new=is_new,
        is_signed=SIGNATURE in in_place,
        tables=content.dictionary.tables,
        deliveries=content.dictionary.deliveries,
        warnings=content.warnings,
    )
