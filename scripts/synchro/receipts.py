"""Receipts: what became of each delivered file, in numbers and codes, with no value of a person."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from synchro.errors import SynchroError
from synchro.signing import is_signed_by, sign

_KIND = "accusé"
# What each note says, after its count.
NOTES = {
    "MOJIBAKE": "accent(s) codé(s) deux fois, rétabli(s)",
    "MOJIBAKE_LEFT": "suite(s) de signes qui semblent des accents abîmés",
    "HIDDEN_SHEETS": "feuille(s) masquée(s), non lue(s)",
    "HIDDEN_ROWS": "ligne(s) masquée(s) dans le classeur, lue(s) comme les autres",
    "UNKNOWN_DAYS": "naissance(s) au 1er janvier ou au 31 décembre : jours sans doute inconnus",
    "DUPLICATES": "ligne(s) répétée(s) à l'identique : plus d'une sur cent",
    "PARTIAL_MONTH": "est le dernier jour du mois dans le fichier : mois sans doute incomplet",
}


class Receipt(BaseModel):
    """One file of the inbox. Counts are of rows or cells; all zero for a rejected file.

    file_name is the file's own name only when it follows the contract's pattern; otherwise it may hold
    anything, a person's name included, and is told by folder, extension, size and hash instead.
    """

    model_config = ConfigDict(extra="forbid")

    delivery_id: str
    status: Literal["accepted", "duplicate", "rejected"]
    code: str | None = None
    message: str
    operator: str
    extract: str | None = None
    reference_month: date | None = None
    file_name: str
    sha256: str | None = None
    received_at: datetime | None = None
    is_synthetic: bool | None = None
    delivery_number: int | None = None
    rows_in: int = 0
    rows_landed: int = 0
    rows_deduplicated: int = 0
    rows_quarantined: int = 0
    values_masked: int = 0
    values_unreadable: int = 0
    columns_unknown: int = 0
    quarantine_codes: dict[str, int] = {}
    # What a person should know of an accepted file, by code of NOTES: how many rows, cells or sheets.
    notes: dict[str, int] = {}
    signature: str | None = None


def is_authentic(path: Path, receipt_key: str) -> bool:
    """Whether a receipt is as the technical operator signed it. Raises SynchroError if it is no receipt."""
    try:
        content = path.read_bytes()
        document = json.loads(content)
        Receipt.model_validate(document)
    except (OSError, ValueError):
        todo = "indiquer un accusé de réception (fichier .json) tel que l'opérateur technique l'a rendu"
        raise SynchroError("RECEIPT", "accusé de réception illisible", str(path), todo) from None
    return is_signed_by(document, _KIND, receipt_key)


def write_receipt(receipt: Receipt, folder: Path, signing_key: str | None = None) -> Path:
    """Write receipts/<delivery>.json, all or nothing. A duplicate never replaces the first receipt."""
    path = folder / f"{receipt.delivery_id}.json"
    if receipt.status == "duplicate" and path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        document = receipt.model_dump(mode="json")
        if signing_key:
            document = sign(document, _KIND, signing_key)
        partial.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        os.replace(partial, path)
    except OSError:
        todo = "vérifier les droits et l'espace disque, puis relancer : ce qui est reçu ne le sera pas deux fois"
        raise SynchroError("RECEIPTS", "accusé de réception impossible à écrire", str(folder), todo) from None
    return path
