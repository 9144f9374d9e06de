"""Why a column is collected and what becomes of it, by role or vocabulary: the words of documents (purposes.csv)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Purpose:
    """French: the category of data, what it is for (None: the contract must say), what is done at landing."""

    category: str
    purpose: str | None
    treatment: str


@cache
def _purposes() -> dict[str, Purpose]:
    with Path(__file__).with_name("purposes.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["key"]: Purpose(row["category_fr"], row["purpose_fr"] or None, row["treatment_fr"])
            for row in csv.DictReader(lines)
        }


def purpose_of(role: str, vocabulary: str | None) -> Purpose:
    """What is known of a column by its vocabulary, else by its role."""
    purposes = _purposes()
    return purposes.get(f"vocabulary.{vocabulary}", purposes[role])


def default_purpose(role: str, vocabulary: str | None) -> str | None:
    """What such a column is for; None for a date, a number or a code, of which only its contract knows."""
    return purpose_of(role, vocabulary).purpose
