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

from synchro.contracts import ExtractContract, OperatorContract, normal_form
from synchro.errors import RejectedFile, SynchroError
from synchro.readers import MAX_BYTES

MANIFEST_SUFFIX = ".manifest.json"
_MAX_MANIFEST_BYTES = 64 * 2**10


class Manifest(BaseModel):
    """What the sender says of a file."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1]
    operator: str
    extract: str
    reference_month: str
    received_at: datetime | None = None
    sha256: str
    rows: int
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


def examine(path: Path, folder: str, contracts: dict[str, OperatorContract]) -> tuple[File, RejectedFile | None]:
    """What a file claims to be, by folder, name and manifest; with the reason if it is refused for that."""
    file = File(path, folder, _anonymous_label(path, folder))
    try:
        content = read_bytes(path)
        file = replace(file, sha256=hashlib.sha256(content).hexdigest())
        file = replace(file, label=f"{file.label} (sha256 {file.sha256[:12]}…)")
        file = _identify(file, contracts)
        return replace(file, manifest=_manifest(file)), None
    except RejectedFile as error:
        return file, error


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


def _identify(file: File, contracts: dict[str, OperatorContract]) -> File:
    """Find extract and month from the folder and the file's name."""
    contract = contracts.get(file.operator)
    if contract is None:
        todo = "déposer le fichier dans inbox/<opérateur>/, ou écrire le contrat de cet opérateur"
        raise RejectedFile("NO_CONTRACT", "dossier sans contrat d'opérateur", todo=todo)
    for extract in contract.extracts.values():
        month = extract.month_of(file.path.name)
        if month is not None:
            return replace(file, extract=extract, month=month, label=f"{file.operator}/{file.path.name}")
    patterns = ", ".join(extract.file for extract in contract.extracts.values())
    raise RejectedFile("FILE_NAME", "nom de fichier inattendu", todo=f"le nommer comme le contrat : {patterns}")


def _manifest(file: File) -> Manifest | None:
    path = file.path.with_name(file.path.name + MANIFEST_SUFFIX)
    if not os.path.lexists(path):
        return None
    todo = "faire refaire le manifeste par l'opérateur, ou le retirer"
    try:
        manifest = Manifest.model_validate_json(read_bytes(path, _MAX_MANIFEST_BYTES))
    except (ValidationError, RejectedFile):
        raise RejectedFile("MANIFEST", "manifeste illisible", todo=todo) from None
    claims = {
        "opérateur": normal_form(manifest.operator) == file.operator,
        "extrait": manifest.extract == file.extract.name,
        "mois": manifest.reference_month == f"{file.month:%Y-%m}",
        "sha256": manifest.sha256 == file.sha256,
    }
    wrong = [claim for claim, agrees in claims.items() if not agrees]
    if wrong:
        what = f"le manifeste ne correspond pas au fichier : {', '.join(wrong)}"
        raise RejectedFile("MANIFEST", what, todo="redemander le fichier et son manifeste")
    return manifest
