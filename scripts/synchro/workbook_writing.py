"""Workbooks that this project hands out: the same content gives the same bytes, and no cell is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from synchro.files import write

# No cell is a formula, a link or a number made of a text; nothing of it is left in a folder for temporary files.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


@contextmanager
def new_workbook(path: Path, title: str, mode: int = 0o644) -> Iterator[xlsxwriter.Workbook]:
    """A workbook to fill; it takes its place at `path` once whole. Raises OSError, xlsxwriter's exceptions."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, _OPTIONS) as workbook:
        # The moment of writing is not in the file.
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        yield workbook
    write(path, content.getvalue(), mode)


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


def write_table(
    workbook: xlsxwriter.Workbook,
    name: str,
    headers: Sequence[tuple[str, int]],
    rows: Sequence[Sequence[Any]],
    empty: str,
) -> None:
    """A sheet with a filter and a frozen header of (title, width in characters); without a row, `empty` is said.

    A date is a day, a float a share, a text never a formula.
    """
    sheet = workbook.add_worksheet(name)
    head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#D9E2EC"})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top", "indent": 1})
    day = workbook.add_format({"num_format": "dd/mm/yyyy", "align": "left", "valign": "top"})
    share = workbook.add_format({"num_format": "0 %", "valign": "top"})
    number = workbook.add_format({"valign": "top"})
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 32)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for column, (title, width) in enumerate(headers):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, width)
    if not rows:
        sheet.write_string(1, 0, empty)
        return
    for number_of_row, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, date):
                sheet.write_datetime(number_of_row, column, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, float):
                sheet.write_number(number_of_row, column, value, share)
            elif isinstance(value, int):
                sheet.write_number(number_of_row, column, value, number)
            else:
                sheet.write_string(number_of_row, column, str(value), wrapped)
    sheet.autofilter(0, 0, len(rows), len(headers) - 1)
