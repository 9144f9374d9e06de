"""An unknown file read as landing would read it, by a provisional contract that takes every column as text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from synchro.contracts import ColumnContract, ExtractContract, header_key
from synchro.errors import RejectedFile
from synchro.onboarding.knowledge import Knowledge
from synchro.onboarding.shapes import Shape
from synchro.onboarding.sniffing import Sniffed, sniff
from synchro.readers import read


@dataclass(frozen=True)
class Opened:
    """A file's format, and the shape of each column that has a header, in the order of the file."""

    sniffed: Sniffed
    headers: list[str]
    # Their places in the file, from 1.
    places: list[int]
    shapes: list[Shape]
    rows: int

    @property
    def is_xlsx(self) -> bool:
        return self.sniffed.format.type == "xlsx"


def open_unknown(content: bytes, knowledge: Knowledge) -> Opened:
    """Guess the format, then read strictly. Raises RejectedFile, without a value of the file."""
    sniffed = sniff(content, knowledge)
    headers = [header_key(header) for header in sniffed.headers]
    _refuse_twins(headers)
    columns = tuple(
        ColumnContract(name=f"c{place}", header=header, role="value", code=True)
        for place, header in enumerate(headers)
        if header
    )
    contract = ExtractContract(
        operator="unknown",
        name="unknown",
        file=f"{{yyyy}}{{mm}}.{sniffed.format.type}",
        format=sniffed.format,
        scope="events",
        due_day=1,
        purpose="-",
        retention_months=1,
        columns=columns,
    )
    delivery = read(sniffed.content, contract)
    is_xlsx = sniffed.format.type == "xlsx"
    shapes = [Shape(delivery.columns[column.name], is_xlsx, delivery.is_1904) for column in columns]
    places = [place for place, header in enumerate(headers, start=1) if header]
    return Opened(sniffed, [column.header for column in columns], places, shapes, delivery.rows)


def _refuse_twins(headers: list[str]) -> None:
    """Two columns of one name cannot be told apart; said by their places, since a header may be a person's name."""
    counts = Counter(header.casefold() for header in headers if header)
    places = [str(place) for place, header in enumerate(headers, start=1) if counts[header.casefold()] > 1]
    if places:
        where = f"colonnes {', '.join(places)}"
        raise RejectedFile("HEADER_TWICE", "en-tête en double", where, "demander des en-têtes distincts")
