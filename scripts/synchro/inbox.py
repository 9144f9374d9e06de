"""The inbox: which files are there, what each claims to be, and whether it may be landed at all."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from synchro.contracts import ExtractContract, OperatorContract, contract_of, normal_form
from synchro.errors import RejectedFile, SynchroError
from synchro.manifests import (
    MANIFEST_SUFFIX,
    MAX_MANIFEST_BYTES,
    SEALED_SUFFIX,
    Manifest,
    SealedManifest,
    check_claims,
    read_signed,
)
from synchro.readers import MAX_BYTES, read

# Names that browsers and transfer tools give to a file that is still on its way.
_ON_ITS_WAY = (".part", ".partial", ".filepart", ".crdownload", ".tmp")
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst")


@dataclass(frozen=True)
class File:
    """One file of the inbox. `label` is how messages name it: never by a name that may be a person's.

    sha256 is of the content in clear, also for a sealed file once its manifest is believed.
    """

    path: Path
    operator: str
    label: str
    sha256: str | None = None
    extract: ExtractContract | None = None
    month: date | None = None
    manifest: Manifest | SealedManifest | None = None

    @cached_property
    def delivery_id(self) -> str:
        """32 hex digits of operator, extract, month and bytes; of what is known when refused earlier."""
        extract = self.extract.name if self.extract else ""
        month = f"{self.month:%Y-%m}" if self.month else ""
        text = f"{self.operator}|{extract}|{month}|{self.sha256 or self.label}"
        if self.seal:
            # A third delivery may well return to what the first one said.
            text += f"|{self.seal.delivery_number}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def rows_announced(self) -> int | None:
        """How many rows the manifest says the extract has; None without a manifest."""
        rows = self.manifest.rows if self.manifest else None
        return rows.get(self.extract.name, 0) if isinstance(rows, dict) else rows

    @property
    def seal(self) -> SealedManifest | None:
        return self.manifest if isinstance(self.manifest, SealedManifest) else None

    @property
    def is_synthetic(self) -> bool:
        return self.manifest is not None and self.manifest.synthetic


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
    path: Path, folder: str, contracts: dict[str, OperatorContract], territory: str
) -> list[tuple[File, RejectedFile | None]]:
    """What a file claims to be, by folder, name and manifest; with the reason if it is refused for that.

    One element, or one for each filled sheet of a workbook that several extracts share.
    """
    file = File(path, folder, _anonymous_label(path, folder))
    try:
        content = read_bytes(path)
        file = replace(file, sha256=hashlib.sha256(content).hexdigest())
        file = replace(file, label=f"{file.label} (sha256 {file.sha256[:12]}…)")
        contract = contract_of(file.operator, contracts)
        if contract is None or (file.operator not in contracts and not knows(contract, path)):
            todo = "déposer le fichier dans inbox/<opérateur>/, ou écrire le contrat de cet opérateur"
            raise RejectedFile("NO_CONTRACT", "dossier sans contrat d'opérateur", todo=todo)
        if path.suffix == SEALED_SUFFIX:
            return [(_sealed(file, content, contract, territory), None)]
        files = identify(file, contract)
        file = files[0]
        if contract.signing_keys:
            todo = "sceller le fichier avec `synchro seal`"
            raise RejectedFile("UNSIGNED", "le contrat demande des livraisons scellées et signées", todo=todo)
        files = [plain_manifest(file) for file in files]
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
    special = RejectedFile("NOT_A_FILE", "lien ou fichier spécial", todo="déposer le fichier lui-même")
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise special
        # What was a file a moment ago may be a link or a pipe by now.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode) or state.st_nlink > 1:
                raise special
            if state.st_size > limit:
                raise RejectedFile("TOO_LARGE", f"fichier de plus de {limit // 2**20} Mo", todo="le découper")
            return file.read(limit + 1)
    except OSError:
        raise RejectedFile("UNREADABLE", "fichier illisible", todo="vérifier les droits du fichier") from None


def knows(contract: OperatorContract, path: Path) -> bool:
    """Whether a file name is one of the contract's."""
    return any(extract.month_of(path.name) for extract in contract.extracts.values())


def identify(file: File, contract: OperatorContract) -> list[File]:
    """Find extract and month from the file's name; several extracts for a workbook. Raises RejectedFile."""
    months = [(extract, extract.month_of(file.path.name)) for extract in contract.extracts.values()]
    label = f"{file.operator}/{file.path.name}"
    found = [replace(file, extract=extract, month=month, label=label) for extract, month in months if month]
    if found:
        return found
    suffix = file.path.suffix.lower()
    if suffix in _ON_ITS_WAY:
        raise RejectedFile("INCOMPLETE", "fichier en cours d'envoi", todo="attendre la fin de l'envoi, puis relancer")
    if suffix in _ARCHIVES:
        todo = "déposer les fichiers eux-mêmes, sans archive ; pour les protéger, `synchro seal`"
        raise RejectedFile("ARCHIVE", "les archives ne sont pas ouvertes", todo=todo)
    patterns = ", ".join(dict.fromkeys(extract.file for extract in contract.extracts.values()))
    raise RejectedFile("FILE_NAME", "nom de fichier inattendu", todo=f"le nommer comme le contrat : {patterns}")


def _sealed(file: File, content: bytes, contract: OperatorContract, territory: str) -> File:
    """A sealed file as its signed manifest describes it; nothing is decrypted yet."""
    path = file.path.with_name(file.path.name + MANIFEST_SUFFIX)
    if not os.path.lexists(path):
        todo = "déposer aussi le fichier .manifest.json que `synchro seal` a écrit"
        raise RejectedFile("UNSIGNED", "fichier scellé sans manifeste signé", todo=todo)
    manifest = read_signed(read_bytes(path, MAX_MANIFEST_BYTES), contract)
    extract = contract.extracts.get(manifest.extract)
    if manifest.operator != file.operator or extract is None:
        wrong = "extrait" if manifest.operator == file.operator else "opérateur"
        todo = "déposer la livraison dans le dossier de son opérateur, ou compléter le contrat"
        raise RejectedFile("MANIFEST", f"le manifeste ne correspond pas au contrat : {wrong}", todo=todo)
    check_claims(manifest, content, file.path.name, territory)
    label = f"{file.operator}/{file.path.name}"
    return replace(
        file, label=label, sha256=manifest.sha256, extract=extract, month=manifest.month, manifest=manifest
    )


def plain_manifest(file: File) -> File:
    """The file with the manifest beside it, if there is one. Raises RejectedFile unless it is that of the file."""
    path = file.path.with_name(file.path.name + MANIFEST_SUFFIX)
    if not os.path.lexists(path):
        return file
    todo = "faire refaire le manifeste par l'opérateur, ou le retirer"
    try:
        manifest = Manifest.model_validate_json(read_bytes(path, MAX_MANIFEST_BYTES))
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
    return replace(file, manifest=manifest)
