"""`synchro verify`: whether publications are still what was published, byte for byte and row for row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from synchro.errors import SynchroError
from synchro.publication.database import read_database
from synchro.publication.layout import (
    DATABASE,
    INTERNAL,
    MANIFEST,
    PUBLIC,
    VINTAGES,
    csv_file,
    parquet_file,
    vintages,
)
from synchro.publication.manifest import KIND, Manifest, file_sha256, read_manifest
from synchro.publication.plain import TYPES, digest
from synchro.publication.spreadsheet import read_csv
from synchro.signing import SIGNATURE, is_signed_by

Progress = Callable[[str, int, int], None]
_NO_MANIFEST = "le manifeste est absent ou altéré"
_UNREADABLE = (OSError, pa.ArrowException, duckdb.Error, SynchroError, ValueError)


@dataclass(frozen=True, order=True)
class Finding:
    """Something that is not as it was published: where, and what (French)."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where} : {self.what}"


@dataclass
class Verification:
    """What was checked, what differs, and what could not be checked (French)."""

    publications: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(folder: Path, public_key: str | None = None, progress: Progress | None = None) -> Verification:
    """Check one publication, or the folder of all of them with their vintages.

    `public_key` ("ed25519:…") is that of the technical operator; without it signatures are not checked.
    Raises SynchroError NOT_A_PUBLICATION.
    """
    verification = Verification()
    root = folder.parent if folder.name == VINTAGES.name else folder
    if (folder / MANIFEST).exists():
        publications = [folder.resolve()]
        verification.notes.append("suite des millésimes non contrôlée : un seul est donné")
    elif (root / VINTAGES).is_dir():
        publications = _all_publications(root)
        verification.findings += _chain_findings(root)
        verification.findings += _stray_findings(root)
    else:
        todo = "indiquer une publication, ou le dossier qui les contient toutes"
        raise SynchroError("NOT_A_PUBLICATION", "aucune publication à cet endroit", str(folder), todo)
    for done, publication in enumerate(publications, start=1):
        verification.publications.append(publication.name)
        verification.findings += altered_files(publication)
        if manifest := read_manifest(publication / MANIFEST):
            verification.findings += altered_tables(publication, manifest)
            if SIGNATURE not in manifest:
                verification.notes.append(f"{publication.name} : manifeste non signé")
            elif public_key is None:
                verification.notes.append(f"{publication.name} : signature non contrôlée, faute de clé publique")
            elif not is_signed_by(manifest, KIND, public_key):
                verification.findings.append(Finding(f"{publication.name}/{MANIFEST}", "signature d'une autre clé"))
        if progress:
            progress("Vérification", done, len(publications))
    verification.findings.sort()
    return verification


def altered_files(publication: Path) -> list[Finding]:
    """Files of one publication that were changed, removed or added; its manifest among them."""
    manifest = read_manifest(publication / MANIFEST)
    if manifest is None:
        return [Finding(f"{publication.name}/{MANIFEST}", _NO_MANIFEST)]
    listed = {file["path"]: file for file in manifest["files"]}
    found = {
        path.relative_to(publication).as_posix(): path for path in publication.rglob("*") if not _is_folder(path)
    }
    findings = [
        Finding(f"{publication.name}/{name}", "fichier absent") for name in sorted(listed.keys() - found.keys())
    ]
    unlisted = found.keys() - listed.keys() - {MANIFEST.as_posix()}
    findings += [
        Finding(f"{publication.name}/{name}", "fichier que le manifeste ne connaît pas") for name in unlisted
    ]
    for name in sorted(listed.keys() & found.keys()):
        try:
            is_same = not found[name].is_symlink() and file_sha256(found[name]) == listed[name]["sha256"]
        except OSError:
            is_same = False
        if not is_same:
            findings.append(Finding(f"{publication.name}/{name}", "fichier modifié"))
    return sorted(findings)


def altered_tables(publication: Path, manifest: Manifest) -> list[Finding]:
    """Tables whose rows are not those of the manifest, in Parquet, in csv or in the DuckDB file."""
    findings = []
    tables = manifest["tables"]
    for table in tables:
        name = table["name"]
        schema = pa.schema([(column, TYPES[kind.upper()]) for column, kind in table["columns"].items()])
        for path in (parquet_file(name), csv_file(name)):
            read = pq.read_table if path == parquet_file(name) else lambda file, schema=schema: read_csv(file, schema)
            if _digest_of(read, publication / path) != table["sha256"]:
                findings.append(
                    Finding(f"{publication.name}/{path.as_posix()}", "autres lignes que celles du manifeste")
                )
    try:
        digests = {name: digest(content) for name, content in read_database(publication / DATABASE).items()}
    except _UNREADABLE:
        digests = {}
    if digests != {table["name"]: table["sha256"] for table in tables}:
        findings.append(Finding(f"{publication.name}/{DATABASE}", "autres tables que celles du manifeste"))
    return findings


def _digest_of(read: Callable[[Path], pa.Table], path: Path) -> str | None:
    try:
        return digest(read(path))
    except _UNREADABLE:
        return None


def _all_publications(root: Path) -> list[Path]:
    folders = [path.parent for path in vintages(root, PUBLIC).values()]
    return [*folders, *([(root / INTERNAL).resolve()] if (root / INTERNAL).is_dir() else [])]


def _chain_findings(root: Path) -> Iterator[Finding]:
    """Each vintage names the digest of the one before: none can be changed, removed or slipped in unseen."""
    for audience in (PUBLIC, INTERNAL):
        last, was_signed = None, False
        for expected, (number, path) in enumerate(vintages(root, audience).items(), start=1):
            where, previous = path.relative_to(root).as_posix(), last
            last, manifest = path, read_manifest(path)
            if manifest is None:
                yield Finding(where, _NO_MANIFEST)
                continue
            if (number, manifest["vintage"], manifest["audience"]) != (expected, expected, audience):
                yield Finding(where, "ce n'est pas le millésime attendu à cette place")
            elif manifest["previous"] != (previous and {"vintage": expected - 1, "sha256": file_sha256(previous)}):
                yield Finding(where, "le millésime précédent n'est plus celui qu'il continue")
            if was_signed and SIGNATURE not in manifest:
                yield Finding(where, "n'est plus signé")
            was_signed = was_signed or SIGNATURE in manifest
        yield from _current_findings(root, audience, last)


def _current_findings(root: Path, audience: str, last: Path | None) -> Iterator[Finding]:
    """The link shows the last vintage."""
    current = root / audience / MANIFEST
    if last is None and not current.exists():
        return
    if last is None or not current.exists() or current.read_bytes() != last.read_bytes():
        yield Finding(audience, "la publication en place n'est pas le dernier millésime")


def _stray_findings(root: Path) -> Iterator[Finding]:
    known = {path.parent.name for path in vintages(root, PUBLIC).values()}
    known |= {path.name for path in vintages(root, INTERNAL).values()}
    for path in (root / VINTAGES).iterdir():
        if path.name not in known:
            yield Finding(path.relative_to(root).as_posix(), "n'est pas un millésime")


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
