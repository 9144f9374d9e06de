"""Workbooks that this project hands out: the same content gives the same bytes, and no cell is ever a formula."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

# No cell is a formula, a link or a number made of a text.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def new_workbook(path: Path, title: str, mode: int = 0o644) -> Iterator[xlsxwriter.Workbook]:
    """A workbook to fill; it takes its place at `path` once whole. Raises OSError, xlsxwriter's exceptions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    try:
        with xlsxwriter.Workbook(str(draft), _OPTIONS) as workbook:
            # The moment of writing is not in the file.
            workbook.set_properties({"title": title, "created": datetime(2000, 1, 1)})
            yield workbook
        draft.chmod(mode)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_notice(workbook: xlsxwriter.Workbook, name: str, text: str) -> Any:
    """A sheet of text, one cell a line; `#` marks the title and `##` a heading. Returns it."""
    styles = {
        "#": workbook.add_format({"bold": True, "font_size": 16}),
        "##": workbook.add_format({"bold": True, "font_size": 12}),
        "": workbook.add_format({"text_wrap": True, "valign": "top"}),
    }
    sheet = workbook.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 120)
    for row, line in enumerate(text.splitlines()):
        marks, _, heading = line.partition(" ")
        is_heading = marks in ("#", "##")
        sheet.write_string(row, 0, heading if is_heading else line, styles[marks if is_heading else ""])
    return sheet
