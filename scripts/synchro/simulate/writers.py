"""Files as operators send them, byte for byte the same for the same rows: csv, xlsx, and the manifest beside."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from synchro.contracts import CsvFormat, ExtractContract

# A workbook states when it was made; ours say always the same.
CREATED = datetime(2000, 1, 1)


def file_content(contract: ExtractContract, columns: dict[str, Sequence[Any]], month: str) -> bytes:
    """The bytes of one file: `columns` is header -> cells, all of one length; month is 'YYYY-MM'."""
    if isinstance(contract.format, CsvFormat):
        return csv_content(columns, contract.format.encoding, contract.format.delimiter)
    titles = [f"{contract.label or contract.name} – {month}"] if contract.format.header_row > 1 else []
    return xlsx_content(columns, contract.format.sheet, contract.format.header_row, titles)


def csv_content(columns: dict[str, Sequence[Any]], encoding: str, delimiter: str) -> bytes:
    """A csv with a header row, lines ended by CR LF, quotes only where they are needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode(encoding)


def xlsx_content(columns: dict[str, Sequence[Any]], sheet: str, header_row: int, titles: list[str]) -> bytes:
    """A workbook of one sheet; `titles` go on the first rows, above the header row (1-based)."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"created": CREATED})
    page = book.add_worksheet(sheet)
    for row, title in enumerate(titles[: header_row - 1]):
        page.write_string(row, 0, title)
    for place, header in enumerate(columns):
        page.write_string(header_row - 1, place, header)
    for row, cells in enumerate(zip(*columns.values(), strict=True), start=header_row):
        for place, cell in enumerate(cells):
            _write_cell(page, row, place, cell)
    book.close()
    return content.getvalue()


def _write_cell(page: Any, row: int, place: int, cell: Any) -> None:
    """Text is written as text whatever it looks like; a blank cell is not written."""
    if isinstance(cell, str):
        if cell:
            page.write_string(row, place, cell)
    elif isinstance(cell, datetime):
        page.write_datetime(row, place, cell)
    else:
        page.write_number(row, place, cell)


def write_delivery(path: Path, content: bytes, manifest: dict[str, Any]) -> None:
    """Write a file and its manifest, completed with the hash of the bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    manifest = {**manifest, "sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    path.with_name(path.name + ".manifest.json").write_text(text, encoding="utf-8")
