"""The compiled list of the last month as a workbook that people under agreement open, filter and act from.

It is made from the published tables alone, so that it holds their ids and nothing that they do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from synchro.dictionary import SYNTHETIC, Deliveries, neutral_cell
from synchro.french import month_name, number

NOTICE, LIST, OPPORTUNITIES, CONCERNED = "Notice", "Liste", "Opportunités", "Personnes concernées"
CONFIDENTIAL = "Usage interne, personnes habilitées seulement : ne pas rediffuser"

_HOUSEHOLD, _PERSON = "N° ménage", "N° personne"
_TITLE_ROW, _HEADER_ROW = 0, 1
# The seeds of labels that are not `voc_<column>`.
_LABELS = {"age_band": "age_bands", "commune": "communes", "request_status": "voc_request_status"}
_NOTICE_WIDTH = 96
_A3, _A4 = 8, 9
_FIELDS_ON_A_PAGE = 16
_LINE_HEIGHT = 14
_INK, _HEADER, _BAND = "#102A43", "#D9E2EC", "#F3F6F9"


@dataclass(frozen=True)
class _Field:
    """A column of the list: what it is called, how it is written (a key of `_WRITERS`), its width."""

    column: str
    title: str
    kind: str
    width: int


_FIELDS = (
    _Field("household_number", _HOUSEHOLD, "number", 9),
    _Field("person_number", _PERSON, "number", 9),
    _Field("sex", "Sexe", "code", 9),
    _Field("age_band", "Âge", "code", 14),
    _Field("household_type", "Ménage", "code", 24),
    _Field("situation", "Situation", "code", 34),
    _Field("commune", "Commune", "code", 18),
    _Field("since_date", "Sans domicile depuis le", "date", 12),
    _Field("days_without_home", "Jours sans domicile", "number", 10),
    _Field("last_seen_date", "Vue le", "date", 12),
    _Field("operator_count", "Opérateurs ce mois", "number", 11),
    _Field("administrative_status", "Situation administrative", "code", 26),
    _Field("resources", "Ressources", "code", 18),
    _Field("need", "Préconisation", "code", 26),
    _Field("typology", "Typologie", "code", 10),
    _Field("request_kind", "Demande", "code", 22),
    _Field("request_status", "État de la demande", "code", 18),
    _Field("request_date", "Demandée le", "date", 12),
    _Field("request_updated_date", "Actualisée le", "date", 12),
    _Field("request_age_days", "Âge de la demande (jours)", "number", 11),
    _Field("priority_label", "Priorité SYPLO", "flag", 10),
    _Field("priority_date", "Labellisée le", "date", 12),
    _Field("is_long_term", "Longue durée", "flag", 9),
    _Field("is_returned", "Retour ce mois", "flag", 9),
    _Field("is_young", "18 à 24 ans", "flag", 9),
    _Field("is_family", "Famille", "flag", 9),
    _Field("has_child_under_3", "Enfant de moins de 3 ans", "flag", 11),
    _Field("is_ghost_risk", "Preuve fragile", "flag", 9),
    _Field("missing_fr", "Il manque pour agir", "text", 40),
    _Field("opportunities_fr", "Opportunités d'action", "text", 60),
    _Field("person_id", "Identifiant personne", "id", 34),
    _Field("household_id", "Identifiant ménage", "id", 34),
)
_RULE_FIELDS = (
    _Field("title_fr", "Opportunité", "text", 52),
    _Field("persons", "Personnes", "number", 11),
    _Field("households", "Ménages", "number", 11),
    _Field("share_persons", "Part des personnes de la liste", "share", 14),
    _Field("concerns_fr", "Qui est concerné", "text", 64),
    _Field("action_fr", "Que faire", "text", 64),
)
_CONCERNED_FIELDS = (
    _Field("title_fr", "Opportunité", "text", 56),
    *(field for field in _FIELDS if field.column in ("household_number", "person_number")),
    *(field for field in _FIELDS if field.column in ("age_band", "household_type", "situation", "commune")),
    _Field("action_fr", "Que faire", "text", 64),
    *(field for field in _FIELDS if field.kind == "id"),
)

# One row a line: `#` marks the title, `##` a heading, `!` a warning; a tab parts a text from its number.
_NOTICE = f"""\
# Liste compilée : {{month}}
{{synthetic}}! {CONFIDENTIAL}.

## Ce que c'est
Une ligne par personne sans domicile à la fin du mois, d'après les listes de tous les opérateurs livrés.
Personnes\t{{persons}}
Ménages\t{{households}}
Livraisons prises en compte : {{deliveries}}.

## Ce qu'il manque pour agir (nombre de personnes)
{{missing}}

## Lire la liste
Les flèches de l'en-tête filtrent et trient. Les personnes d'un ménage se suivent ; les plus anciennes sans domicile \
viennent en tête.
« {_HOUSEHOLD} » et « {_PERSON} » ne valent que dans ce classeur ; les identifiants de droite suivent la personne \
d'une publication interne à l'autre.
« Sans domicile depuis le » : début de l'épisode connu ; la personne l'était peut-être avant d'être vue.
« Preuve fragile » : la personne n'est là que par un séjour jamais clos, ou dont l'opérateur est en retard.
« Inconnu » : l'opérateur ne sait pas. « Non traduit » : son mot n'a pas encore de code. « Non recueilli » : il n'a \
pas cette rubrique.
Onglet « {OPPORTUNITIES} » : ce qui peut être tenté ce mois-ci, et pour combien. Onglet « {CONCERNED} » : pour qui.

## Ce que la liste ne dit pas
Qui n'est sur aucune liste d'opérateur n'y est pas. Deux fiches d'une même personne peuvent être restées séparées.
Une opportunité invite à ouvrir un dossier ; elle ne décide de rien pour personne.

## Confidentialité
Ce sont des données personnelles, pseudonymisées et exactes. Ne pas copier hors des postes des organismes sous \
convention, ne pas rapprocher d'un autre fichier, ne pas écrire de nom dans ce classeur.
Supprimer ce classeur une fois la liste suivante reçue.
"""


def write_list_workbook(data: Path, folder: Path, deliveries: Deliveries) -> Path | None:
    """Write `liste-compilee-AAAA-MM.xlsx` in `folder` from the Parquet files of `data`; None without a list.

    Month, rows and labels are those of the files; the only date of the workbook is that of the last delivery, so that
    the same publication gives the same bytes. Raises OSError when it cannot be written.
    """
    tables = _Tables(data)
    compiled = tables.read("compiled_list")
    if compiled is None:
        return None
    month = pd.Timestamp(compiled["reference_month"].max()).date()
    listed = _listed(compiled[compiled["reference_month"] == month], tables)
    rules, concerned = _opportunities(tables, month, listed)
    path = folder / f"liste-compilee-{month:%Y-%m}.xlsx"
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(path, options) as workbook:
            received = datetime.fromisoformat(deliveries.last_received_at)
            workbook.set_properties({"title": f"Liste compilée {month_name(month)}", "created": received})
            pages = _Pages(workbook, month, deliveries.is_synthetic)
            pages.notice(_notice(listed, tables, month, deliveries))
            pages.table(LIST, _FIELDS, listed, frozen_columns=2)
            if rules is not None:
                pages.table(OPPORTUNITIES, _RULE_FIELDS, rules, frozen_columns=1)
                pages.table(CONCERNED, _CONCERNED_FIELDS, concerned, frozen_columns=3)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] from None
    return path


@dataclass(frozen=True)
class _Tables:
    """The published tables, read when they are asked for."""

    data: Path

    def read(self, name: str) -> pd.DataFrame | None:
        path = self.data / f"{name}.parquet"
        return pd.read_parquet(path, dtype_backend="pyarrow") if path.is_file() else None

    def labels(self, column: str) -> dict[str, str]:
        """French label of each code of a column; {} where no vocabulary was published."""
        table = self.read(_LABELS.get(column, f"voc_{column}"))
        if table is None:
            return {}
        table = table.sort_values("position")
        return dict(zip(table["code"], table["label_fr"], strict=True))

    @cached_property
    def missing(self) -> dict[str, str]:
        """What may be missing to act, by its code."""
        return self.labels("missing")


def _listed(compiled: pd.DataFrame, tables: _Tables) -> pd.DataFrame:
    """The month's persons in French: those longest without a home first, households together, numbered."""
    listed = compiled.astype(object).where(compiled.notna(), None)
    if "household_id" not in listed:
        listed["household_id"] = listed["person_id"]
    days = pd.to_numeric(listed.get("days_without_home", pd.Series(0, listed.index)))
    listed["longest"] = -days.groupby(listed["household_id"]).transform("max").fillna(0)
    listed["seniority"] = -days.fillna(0)
    listed = listed.sort_values(["longest", "household_id", "seniority", "person_id"], ignore_index=True)
    listed["household_number"] = pd.factorize(listed["household_id"])[0] + 1
    listed["person_number"] = range(1, len(listed) + 1)
    for field in _FIELDS:
        if field.kind == "code" and field.column in listed:
            labels = tables.labels(field.column)
            listed[field.column] = [labels.get(code, code) for code in listed[field.column]]
    if "missing_to_act" in listed:
        listed["missing_fr"] = [
            " · ".join(tables.missing.get(code, code) for code in (codes or "").split("+") if code)
            for codes in listed["missing_to_act"]
        ]
    return listed


def _opportunities(
    tables: _Tables, month: date, listed: pd.DataFrame
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """The month's rules, and a row per rule and person; the list gains what may be done for each person."""
    rules, persons = tables.read("ind_opportunities"), tables.read("ind_opportunity_persons")
    if rules is None:
        return None, None
    if persons is None:
        # Nobody meets any rule: an empty table is not published.
        persons = pd.DataFrame({"reference_month": [], "rule": [], "person_id": []}, dtype=object)
    rules = rules[rules["reference_month"] == month].sort_values("position", ignore_index=True)
    persons = persons[persons["reference_month"] == month][["rule", "person_id"]]
    concerned = (
        persons.merge(rules[["rule", "position", "title_fr", "action_fr"]], on="rule")
        .merge(listed, on="person_id")
        .sort_values(["position", "person_number"], ignore_index=True)
    )
    titles = concerned.groupby("person_id")["title_fr"].agg(" · ".join)
    listed["opportunities_fr"] = [titles.get(person, "") for person in listed["person_id"]]
    return rules, concerned


def _notice(listed: pd.DataFrame, tables: _Tables, month: date, deliveries: Deliveries) -> str:
    """The text of the notice."""
    codes = "+".join(codes for codes in listed.get("missing_to_act", []) if codes).split("+")
    received = date.fromisoformat(deliveries.last_received_at[:10])
    return _NOTICE.format(
        month=month_name(month),
        synthetic=f"! {SYNTHETIC}.\n" if deliveries.is_synthetic else "",
        persons=len(listed),
        households=listed["household_number"].max(),
        deliveries=f"{number(deliveries.count)}, la dernière reçue le {received:%d/%m/%Y}",
        missing="\n".join(f"{label}\t{codes.count(code)}" for code, label in tables.missing.items()),
    )


class _Pages:
    """The sheets of one workbook, in one style."""

    def __init__(self, workbook: xlsxwriter.Workbook, month: date, is_synthetic: bool) -> None:
        self._workbook = workbook
        self._title = f"Liste compilée : {month_name(month)}"
        self._marks = [SYNTHETIC] * is_synthetic + [CONFIDENTIAL]

    def notice(self, text: str) -> None:
        """The page to read first."""
        sheet = self._sheet(NOTICE)
        sheet.set_portrait()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, _NOTICE_WIDTH)
        sheet.set_column(1, 1, 8)
        styles = {
            "#": self._format(bold=True, font_size=16),
            "##": self._format(bold=True, font_size=12, bottom=1, bottom_color=_INK),
            "!": self._format(bold=True, font_color="#B42318"),
            "": self._format(text_wrap=True, valign="top"),
        }
        count = self._format(num_format="#,##0", valign="top")
        for row, line in enumerate(text.splitlines()):
            mark, _, rest = line.partition(" ")
            style, line = (styles[mark], rest) if mark in ("#", "##", "!") else (styles[""], line)
            line, _, value = line.partition("\t")
            sheet.write_string(row, 0, neutral_cell(line), style)
            if not mark.startswith("#"):
                sheet.set_row(row, _height(line, _NOTICE_WIDTH))
            if value:
                sheet.write_number(row, 1, int(value), count)

    def table(self, name: str, fields: tuple[_Field, ...], frame: pd.DataFrame, frozen_columns: int) -> None:
        """A table to filter; rows of every second household are shaded, where the table has households."""
        fields = tuple(field for field in fields if field.column in frame)
        sheet = self._sheet(name)
        frozen_columns = min(frozen_columns, len(fields))
        sheet.freeze_panes(_HEADER_ROW + 1, frozen_columns)
        sheet.set_landscape()
        sheet.set_paper(_A3)
        # On paper ids are of no use, and a wide list takes two pages side by side.
        printed = [field for field in fields if field.kind != "id"]
        sheet.print_area(_TITLE_ROW, 0, _HEADER_ROW + max(len(frame), 1), len(printed) - 1)
        sheet.fit_to_pages(2 if len(printed) > _FIELDS_ON_A_PAGE else 1, 0)
        sheet.repeat_rows(_TITLE_ROW, _HEADER_ROW)
        sheet.repeat_columns(0, frozen_columns - 1)
        sheet.write_string(_TITLE_ROW, 0, " – ".join([self._title, *self._marks]), self._format(bold=True))
        sheet.set_row(_HEADER_ROW, 46)
        header = self._format(
            bold=True, text_wrap=True, valign="top", bg_color=_HEADER, border=1, border_color="#FFFFFF"
        )
        shaded = frame["household_number"] % 2 == 0 if "household_number" in frame else pd.Series(False, frame.index)
        for position, field in enumerate(fields):
            sheet.set_column(position, position, field.width)
            sheet.write_string(_HEADER_ROW, position, field.title, header)
            styles = {band: self._cell_format(field.kind, band) for band in (False, True)}
            write = _WRITERS[field.kind]
            for row, (value, band) in enumerate(zip(frame[field.column], shaded, strict=True), start=_HEADER_ROW + 1):
                if pd.isna(value) or value == "":
                    sheet.write_blank(row, position, None, styles[bool(band)])
                else:
                    write(sheet, row, position, value, styles[bool(band)])
        wrapped = [field for field in fields if field.kind == "text"]
        for row, values in enumerate(frame[[field.column for field in wrapped]].to_numpy(), start=_HEADER_ROW + 1):
            heights = [_height(str(value), field.width) for field, value in zip(wrapped, values, strict=True)]
            sheet.set_row(row, max(heights, default=_LINE_HEIGHT))
        sheet.autofilter(_HEADER_ROW, 0, _HEADER_ROW + max(len(frame), 1), len(fields) - 1)

    def _sheet(self, name: str) -> Any:
        sheet = self._workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L&8{' – '.join(self._marks)}&R&8&P / &N")
        return sheet

    def _format(self, **properties: Any) -> Any:
        return self._workbook.add_format({"font_name": "Calibri", "font_size": 10, "font_color": _INK} | properties)

    def _cell_format(self, kind: str, is_shaded: bool) -> Any:
        looks = {
            "date": {"num_format": "dd/mm/yyyy", "align": "left"},
            "number": {"num_format": "#,##0", "align": "center"},
            "share": {"num_format": "0 %", "align": "center"},
            "flag": {"align": "center"},
            "id": {"font_color": "#7B8794", "font_size": 8},
            "text": {"text_wrap": True},
        }
        shade = {"bg_color": _BAND} if is_shaded else {}
        line = {"valign": "top", "bottom": 4, "bottom_color": _HEADER}
        return self._format(**line, **shade, **looks.get(kind, {}))


def _height(text: str, width: int) -> float:
    """Points that a wrapped text takes in a column of so many characters; not every spreadsheet works it out."""
    return _LINE_HEIGHT * max(1, ceil(len(text) / width))


def _write_text(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    sheet.write_string(row, column, neutral_cell(str(value)), style)


def _write_number(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    sheet.write_number(row, column, float(value), style)


def _write_date(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    sheet.write_datetime(row, column, pd.Timestamp(value).to_pydatetime(), style)


def _write_flag(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    # Blank where it does not hold: what holds stands out, and a filter still tells them apart.
    if value:
        sheet.write_string(row, column, "oui", style)
    else:
        sheet.write_blank(row, column, None, style)


_WRITERS: dict[str, Callable[[Any, int, int, Any, Any], None]] = {
    "code": _write_text,
    "text": _write_text,
    "id": _write_text,
    "number": _write_number,
    "share": _write_number,
    "date": _write_date,
    "flag": _write_flag,
}
