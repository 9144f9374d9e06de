"""The inbox: which files are there, what each claims to be, and whether it may be landed at all."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from synchro.contracts import ExtractContract, OperatorContract, contract_of, normal_form
from synchro.errors import RejectedFile, SynchroError
from synchro.readers import MAX_BYTES, read

MANIFEST_SUFFIX = ".manifest.json"
_MAX_MANIFEST_BYTES = 64 * 2**10


class Manifest(BaseModel):
    """What the sender says of a file; of a workbook of several extracts, the rows of each and its contract's name."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1]
    operator: str
    extract: str
    reference_month: str
    received_at: datetime | None = None
    sha256: str
    rows: int | dict[str, int]
    synthetic: bool = False

    @field_validator("received_at")
    @classmethod
    def naive_utc(cls, moment: datetime | None) -> datetime | None:
        return as_naive_utc(moment) if moment else None


@dataclass(frozen=True)
class File:
    """One file of the inbox. `label` is how messages name it: never by a name that may be a person's."""

    path: Path
    operator: str
    label: str
    sha256: str | None = None
    extract: ExtractContract | None = None
    month: date | None = None
    manifest: Manifest | None = None

    @cached_property
    def delivery_id(self) -> str:
        """32 hex digits of operator, extract, month and bytes; of what is known when refused earlier."""
        extract = self.extract.name if self.extract else ""
        month = f"{self.month:%Y-%m}" if self.month else ""
        text = f"{self.operator}|{extract}|{month}|{self.sha256 or self.label}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def rows_announced(self) -> int | None:
        """How many rows the manifest says the extract has; None without a manifest."""
        rows = self.manifest.rows if self.manifest else None
        return rows.get(self.extract.name, 0) if isinstance(rows, dict) else rows

    @property
    def is_synthetic(self) -> bool:
        return self.manifest is not None and self.manifest.synthetic


def as_naive_utc(moment: datetime) -> datetime:
    """Naive UTC, to the second; a naive moment is taken to be UTC already."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0)


def list_inbox(inbox: Path) -> list[tuple[Path, str]]:
    """(path, folder) of every file of the inbox, sorted by path; hidden files and manifests left out."""
    try:
        return sorted(_walk(Path(inbox), ""))
    except OSError:
        raise SynchroError("INBOX", "dossier illisible", str(inbox), "vérifier les droits du dossier") from None


def _walk(folder: Path, operator: str) -> Iterator[tuple[Path, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(MANIFEST_SUFFIX):
                continue
            if entry.is_dir(follow_symlinks=False):
                # A name that is not UTF-8 could not be written in a receipt.
                name = entry.name.encode("utf-8", "replace").decode()
                yield from _walk(Path(entry.path), f"{operator}/{name}".lstrip("/"))
            else:
                yield Path(entry.path), operator


def examine(
    path: Path, folder: str, contracts: dict[str, OperatorContract]
) -> list[tuple[File, RejectedFile | None]]:
    """What a file claims to be, by folder, name and manifest; with the reason if it is refused for that.

    One element, or one for each filled sheet of a workbook that several extracts share.
    """
    file = File(path, folder, _anonymous_label(path, folder))
    try:
        content = read_bytes(path)
        file = replace(file, sha256=hashlib.sha256(content).hexdigest())
        file = replace(file, label=f"{file.label} (sha256 {file.sha256[:12]}…)")
        files = _identify(file, contracts)
        file = files[0]
        files = [replace(file, manifest=_manifest(file)) for file in files]
        return [(file, None) for file in (files if len(files) == 1 else _filled(files, content))]
    except RejectedFile as error:
        return [(file, error)]


def _filled(files: list[File], content: bytes) -> list[File]:
    """The sheets that have rows, or that the manifest says have none: an empty sheet is not a delivery of zero.

    All sheets are read first: a workbook is refused as a whole.
    """
    rows = [read(content, file.extract).rows for file in files]
    filled = [file for file, count in zip(files, rows, strict=True) if count or _is_announced(file)]
    if not filled:
        raise RejectedFile("NO_ROWS", "aucune ligne dans aucun onglet", todo="redemander le classeur rempli")
    return filled


def _is_announced(file: File) -> bool:
    return file.manifest is not None and file.extract.name in file.manifest.rows


def _anonymous_label(path: Path, folder: str) -> str:
    extension = path.suffix if re.fullmatch(r"\.[A-Za-z]{1,5}", path.suffix) else ""
    try:
        size = f", {path.lstat().st_size} octets"
    except OSError:
        size = ""
    return f"{folder or '.'}/*{extension}{size}"


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file. Raises RejectedFile for links, devices, oversized or unreadable files."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            what = "lien symbolique ou fichier spécial"
            raise RejectedFile("NOT_A_FILE", what, todo="déposer le fichier lui-même")
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            if os.fstat(file.fileno()).st_size > limit:
                raise RejectedFile("TOO_LARGE", f"fichier de plus de {limit // 2**20} Mo", todo="le découper")
            return file.read()
    except OSError:
        raise RejectedFile("UNREADABLE", "fichier illisible", todo="vérifier les droits du fichier") from None


def _identify(file: File, contracts: dict[str, OperatorContract]) -> list[File]:
    """Find extracts and month from the folder and the file's name."""
    contract = contract_of(file.operator, contracts)
    if contract is None:
        todo = "déposer le fichier dans inbox/<opérateur>/, ou écrire le contrat de cet opérateur"
        raise RejectedFile("NO_CONTRACT", "dossier sans contrat d'opérateur", todo=todo)
    months = [(extract, extract.month_of(file.path.name)) for extract in contract.extracts.values()]
    label = f"{file.operator}/{file.path.name}"
    found = [replace(file, extract=extract, month=month, label=label) for extract, month in months if month]
    if not found:
        if file.operator not in contracts:
            todo = f"écrire le contrat de cet opérateur, ou envoyer le modèle standard : {_patterns(contract)}"
            raise RejectedFile("NO_CONTRACT", "dossier sans contrat d'opérateur", todo=todo)
        todo = f"le nommer comme le contrat : {_patterns(contract)}"
        raise RejectedFile("FILE_NAME", "nom de fichier inattendu", todo=todo)
    return found


def _patterns(contract: OperatorContract) -> str:
    return ", ".join(dict.fromkeys(extract.file for extract in contract.extracts.values()))


def _manifest(file: File) -> Manifest | None:
    path = file.path.with_name(file.path.name + MANIFEST_SUFFIX)
    if not os.path.lexists(path):
        return None
    todo = "faire refaire le manifeste par l'opérateur, ou le retirer"
    try:
        manifest = Manifest.model_validate_json(read_bytes(path, _MAX_MANIFEST_BYTES))
    except (ValidationError, RejectedFile):
        raise RejectedFile("MANIFEST", "manifeste illisible", todo=todo) from None
    is_workbook = isinstance(manifest.rows, dict)
    claims = {
        "opérateur": normal_form(manifest.operator) == file.operator,
        "extrait": manifest.extract == (file.extract.source if is_workbook else file.extract.name),
        "mois": manifest.reference_month == f"{file.month:%Y-%m}",
        "sha256": manifest.sha256 == file.sha256,
    }
    wrong = [claim for claim, agrees in claims.items() if not agrees]
    if wrong:
        what = f"le manifeste ne correspond pas au fichier : {', '.join(wrong)}"
        raise RejectedFile("MANIFEST", what, todo="redemander le fichier et son manifeste")
    return manifest
