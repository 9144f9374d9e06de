"""Receipts: what became of each delivered file, in numbers and codes, with no value of a person."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from synchro.errors import SynchroError


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
    rows_in: int = 0
    rows_landed: int = 0
    rows_deduplicated: int = 0
    rows_quarantined: int = 0
    values_masked: int = 0
    values_unreadable: int = 0
    columns_unknown: int = 0
    quarantine_codes: dict[str, int] = {}


def write_receipt(receipt: Receipt, folder: Path) -> Path:
    """Write receipts/<delivery>.json, all or nothing. A duplicate never replaces the first receipt."""
    path = folder / f"{receipt.delivery_id}.json"
    if receipt.status == "duplicate" and path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(receipt.model_dump_json(indent=2) + "\n", encoding="utf-8")
        os.replace(partial, path)
    except OSError:
        todo = "vérifier les droits et l'espace disque, puis relancer : ce qui est reçu ne le sera pas deux fois"
        raise SynchroError("RECEIPTS", "accusé de réception impossible à écrire", str(folder), todo) from None
    return path
