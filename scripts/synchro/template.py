"""`synchro template`: the workbook that an operator fills, and its schema, written from its contract.

The example stands on a sheet of its own, which no contract names: landing reads the named sheets only, so it can
never be taken for a person.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range_abs

from synchro.contracts import STANDARD, ExtractContract, OperatorContract, XlsxFormat, load_contracts
from synchro.errors import SynchroError
from synchro.fields import Field, fields_of
from synchro.settings import Settings
from synchro.template_notice import EXAMPLE, FIELDS, file_name, notice, sheet_name
from synchro.workbook_writing import new_workbook, write_notice

NOTICE, LISTS = "Lisez-moi", "Listes"
# Rows that are ready to be filled: formats and lists reach that far.
ROWS = 2000
MARK = "EXEMPLE, jamais lu"
_SCHEMA_HEADERS = (
    "Onglet",
    "Colonne",
    "Obligatoire",
    "Forme",
    "À quoi elle sert",
    "Ce qu'elle devient",
    "Mois gardés",
)
_EXAMPLES = {
    "identity.last_name": "EXEMPLE",
    "identity.first_name": "Camille",
    "identity.birth_name": "",
    "identity.birth_date": date(1985, 5, 12),
    "record.local_id": "P-0001",
    "household.local_id": "M-0001",
    "shared.nur": "",
    "shared.agdref": "",
}
_EXAMPLE_DAY = date(2024, 3, 5)
# Nothing has ended in the example.
_LEFT_EMPTY = ("exit_reason", "exit_destination", "refusal_reason")


def write_templates(settings: Settings, operator: str = STANDARD, out: Path | None = None) -> list[Path]:
    """Write a workbook for each file that the operator sends, and one schema (csv); returns their paths.

    Raises SynchroError: OPERATOR (no such contract), EXISTS (a workbook may have been filled), WRITE.
    """
    contracts = load_contracts(settings.project_dir)
    if operator not in contracts:
        todo = f"choisir parmi : {', '.join(contracts)}"
        raise SynchroError("OPERATOR", "opérateur sans contrat", operator, todo)
    contract = contracts[operator]
    folder = out or settings.project_dir / "modeles" / operator
    extracts = sorted(contract.extracts.values(), key=lambda extract: extract.file)
    groups = [list(group) for _, group in groupby(extracts, key=lambda extract: extract.file)]
    # A workbook's sheets come in the order of the contract.
    order = list(contract.extracts)
    groups = [sorted(group, key=lambda extract: order.index(extract.name)) for group in groups]
    paths = [folder / f"{Path(file_name(group[0])).stem}.xlsx" for group in groups]
    schema = folder / f"schema_{operator}.csv"
    taken = next((path for path in paths if path.exists()), None)
    if taken:
        todo = "le déplacer ou le supprimer, ou donner un autre dossier (--out)"
        raise SynchroError("EXISTS", "ce modèle existe déjà et peut avoir été rempli", str(taken), todo)
    try:
        for path, group in zip(paths, groups, strict=True):
            _write_workbook(path, contract, group, settings.project_dir)
        text = _schema(contract, settings.project_dir)
        schema.write_bytes(text.encode("utf-8-sig"))
    except (OSError, xlsxwriter.exceptions.XlsxWriterException):
        todo = "vérifier les droits et l'espace disque"
        raise SynchroError("WRITE", "écriture impossible", str(folder), todo) from None
    return [*paths, schema]


def _header_row(extract: ExtractContract) -> int:
    """The row of the headers, from 0."""
    return extract.format.header_row - 1 if isinstance(extract.format, XlsxFormat) else 0


def _write_workbook(path: Path, contract: OperatorContract, group: list[ExtractContract], project: Path) -> None:
    title = f"Modèle de transmission : {contract.label}"
    sheets = {sheet_name(extract): (extract, fields_of(extract, project)) for extract in group}
    with new_workbook(path, title) as workbook:
        styles = _styles(workbook)
        write_notice(workbook, NOTICE, notice(contract, group))
        lists = _Lists(fields for _, fields in sheets.values())
        for name, (extract, fields) in sheets.items():
            _write_sheet(workbook.add_worksheet(name), extract, fields, lists, styles)
        _write_example(workbook.add_worksheet(EXAMPLE), sheets, styles)
        _write_fields(workbook.add_worksheet(FIELDS), sheets, styles)
        lists.write(workbook.add_worksheet(LISTS), styles)
        for sheet in workbook.worksheets():
            sheet.set_landscape()
            sheet.fit_to_pages(1, 1 if sheet.name == NOTICE else 0)


def _styles(workbook: xlsxwriter.Workbook) -> dict[str, Any]:
    head = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
    return {
        "required": workbook.add_format({**head, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}),
        "optional": workbook.add_format({**head, "bg_color": "#D9E2EC"}),
        "hint": workbook.add_format({"italic": True, "font_color": "#52606D", "font_size": 9}),
        "text": workbook.add_format({"num_format": "@"}),
        "date": workbook.add_format({"num_format": "dd/mm/yyyy", "align": "left"}),
        "datetime": workbook.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"}),
        "integer": workbook.add_format({"num_format": "0", "align": "left"}),
        "wrap": workbook.add_format({"text_wrap": True, "valign": "top"}),
    }


class _Lists:
    """The words of the drop-down lists, a column each on the sheet of lists."""

    def __init__(self, sheets: Any) -> None:
        self.columns: dict[tuple[str, ...], str] = {}
        for field in (field for fields in sheets for field in fields if field.words):
            self.columns.setdefault(field.words, field.column.header)

    def source(self, words: tuple[str, ...]) -> str:
        place = list(self.columns).index(words)
        return f"={LISTS}!{xl_range_abs(1, place, len(words), place)}"

    def write(self, sheet: Any, styles: dict[str, Any]) -> None:
        for place, (words, header) in enumerate(self.columns.items()):
            sheet.set_column(place, place, min(max(len(word) for word in (*words, header)) + 2, 60))
            sheet.write_string(0, place, header, styles["optional"])
            sheet.write_column(1, place, words)
        sheet.freeze_panes(1, 0)


def _write_sheet(
    sheet: Any, extract: ExtractContract, fields: list[Field], lists: _Lists, styles: dict[str, Any]
) -> None:
    top = _header_row(extract)
    sheet.freeze_panes(top + 1, 1)
    sheet.set_row(top, 32)
    for place, field in enumerate(fields):
        column = field.column
        sheet.set_column(place, place, max(14, min(len(column.header) + 2, 30)), styles[column.type])
        sheet.write_string(top, place, column.header, styles["required" if column.required else "optional"])
        if top:
            hint = "obligatoire" if column.required else "facultatif"
            sheet.write_string(top - 1, place, hint, styles["hint"])
        rule = _rule(field, lists)
        if rule:
            sheet.data_validation(top + 1, place, top + ROWS, place, rule)
    if top > 1:
        sheet.write_string(0, 0, extract.label or extract.name, styles["hint"])


def _rule(field: Field, lists: _Lists) -> dict[str, Any] | None:
    """What a spreadsheet lets one write in a cell; a doubtful birth date is warned of, not refused."""
    column = field.column
    if field.words:
        source = lists.source(field.words)
        message = "Choisir un mot de la liste, ou laisser vide."
        return {"validate": "list", "source": source, "error_title": "Hors liste", "error_message": message}
    if column.is_date:
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": date(1901, 1, 1),
            "maximum": date(2099, 12, 31),
            "error_type": "warning" if column.role == "identity.birth_date" else "stop",
            "error_title": "Date",
            "error_message": "Écrire une date : JJ/MM/AAAA.",
        }
    if column.type == "integer":
        message = "Écrire un nombre entier."
        rule = {"validate": "integer", "criteria": ">=", "value": 0}
        return {**rule, "error_title": "Nombre", "error_message": message}
    return None


def _example(field: Field) -> date | int | str:
    column = field.column
    if column.role in _EXAMPLES:
        return _EXAMPLES[column.role]
    if column.vocabulary in _LEFT_EMPTY:
        return ""
    if field.words:
        return field.words[0]
    if column.is_date:
        return _EXAMPLE_DAY if column.required else ""
    return 1 if column.type == "integer" else "S1"


def _write_example(
    sheet: Any, sheets: dict[str, tuple[ExtractContract, list[Field]]], styles: dict[str, Any]
) -> None:
    sheet.set_column(0, 20, 20)
    sheet.write_string(0, 0, f"{MARK} : cet onglet montre une ligne remplie par onglet.", styles["hint"])
    row = 2
    for name, (_, fields) in sheets.items():
        sheet.write_string(row, 0, f"Onglet « {name} » – {MARK}", styles["hint"])
        sheet.set_row(row + 1, 32)
        for place, field in enumerate(fields):
            style = "required" if field.column.required else "optional"
            sheet.write_string(row + 1, place, field.column.header, styles[style])
            value = _example(field)
            if isinstance(value, date):
                moment = datetime(value.year, value.month, value.day)
                sheet.write_datetime(row + 2, place, moment, styles["date"])
            else:
                sheet.write(row + 2, place, value)
        row += 4


def _rows_of_schema(sheets: dict[str, tuple[ExtractContract, list[Field]]]) -> list[tuple[Any, ...]]:
    return [
        (
            name,
            field.column.header,
            "oui" if field.column.required else "non",
            field.form,
            field.column.purpose,
            field.treatment,
            field.column.retention_months,
        )
        for name, (_, fields) in sheets.items()
        for field in fields
    ]


def _write_fields(sheet: Any, sheets: dict[str, tuple[ExtractContract, list[Field]]], styles: dict[str, Any]) -> None:
    for place, (header, width) in enumerate(zip(_SCHEMA_HEADERS, (26, 44, 12, 22, 76, 62, 12), strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, header, styles["optional"])
    rows = _rows_of_schema(sheets)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row, styles["wrap"])
    sheet.freeze_panes(1, 2)
    sheet.autofilter(f"A1:{xl_col_to_name(len(_SCHEMA_HEADERS) - 1)}{len(rows) + 1}")


def _schema(contract: OperatorContract, project: Path) -> str:
    """The fields of every extract with the words of their lists, as csv."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(("Fichier", *_SCHEMA_HEADERS, "Mots permis"))
    for extract in contract.extracts.values():
        fields = fields_of(extract, project)
        rows = _rows_of_schema({sheet_name(extract): (extract, fields)})
        for row, field in zip(rows, fields, strict=True):
            writer.writerow((file_name(extract), *row, " | ".join(field.words)))
    return text.getvalue()
