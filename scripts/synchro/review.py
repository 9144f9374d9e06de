"""`synchro review`: the pairs of records that a person must decide, as a workbook that holds no value of anybody.

What agrees and what does not is shown by levels ("même son", "jour et mois inversés"), never by what was
written. `synchro.decisions` reads the workbook back.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from synchro.errors import SynchroError
from synchro.settings import Settings
from synchro.warehouse import connect_read_only
from synchro.workbook_writing import new_workbook, write_notice

GUIDE, PAIRS, SAMPLE, LISTS = "Mode d'emploi", "Paires à décider", "Échantillon de contrôle", "Listes"
RECORD_L, RECORD_R = "Fiche A", "Fiche B"
DECISION, DECIDED_BY, REASON = "Décision", "Décidé par", "Motif"
SAME, DIFFERENT, UNSURE = "même personne", "personnes différentes", "je ne sais pas"
# A closed list: a free text ends up naming someone.
REASONS = (
    "vérifié auprès des opérateurs",
    "noms et date de naissance concordent",
    "nom transcrit, abrégé ou mal saisi",
    "nom de naissance et nom d'usage",
    "date de naissance mal saisie ou inconnue",
    "numéro partagé (NUR, AGDREF)",
    "même ménage, autre membre (fratrie, jumeaux, parent)",
    "homonymes",
    "un élément exclut que ce soit la même personne",
)
# Nobody decides more in a month; the rest, less useful, waits for the next workbook.
MAX_PAIRS = 2000

COMPARISONS = {
    "last_name": "Nom",
    "first_name": "Prénom",
    "birth_date": "Date de naissance",
    "sex": "Sexe",
    "nur": "Numéro unique (NUR)",
    "agdref": "Numéro AGDREF",
    "household": "Ménage",
}
_WHY = {
    "between": "probabilité entre les deux seuils",
    "thin": "probable, mais sans nom ni date de naissance entière",
    "guard": "séparées : groupe trop grand ou trop lâche",
    "birth_year": "séparées : leurs fiches ont deux années de naissance certaines",
    "agdref": "séparées : leurs fiches ont deux numéros AGDREF",
    "same_night": "séparées : leurs fiches sont la même nuit en deux lieux",
    "operator_without_duplicates": "séparées : deux fiches d'une liste sans doublon",
}
_SIDES = (("Opérateur A", "A vue de", "A vue à"), ("Opérateur B", "B vue de", "B vue à"))
_WIDTHS = {"Fiche": 10, "Opérateur": 22, "A vue": 9, "B vue": 9, "Mois": 9, "Proba": 13, "Pourquoi": 30, "Nom": 18}
_WIDTHS |= {
    "Prénom": 18,
    "Date": 24,
    "Sexe": 11,
    "Numéro": 11,
    "Ménage": 16,
    "Décision": 22,
    "Décidé": 14,
    "Motif": 30,
}
_A3, _A4 = 8, 9
# Height of a row, in points: the longest label of a narrow column takes two lines.
_TWO_LINES = 30

_INSTRUCTIONS = f"""\
# Relecture des rapprochements
Chaque ligne compare deux fiches. Aucune valeur d'une personne n'y figure : seulement ce qui concorde et diffère.
N'écrivez nulle part, dans ce classeur, un nom, une date de naissance ou un numéro.

## Onglet « {PAIRS} »
Les paires sur lesquelles le calcul hésite, ou qu'il a liées puis séparées ; en tête, celles qui comptent le plus.
« Mois en double » : nombre de mois où la liste compte deux personnes là où il n'y en a peut-être qu'une.
1. « {DECISION} » : {SAME}, {DIFFERENT}, ou {UNSURE} (la paire reviendra).
2. « {DECIDED_BY} » : une fonction ou des initiales (« coordination SIAO », « MR »).
3. « {REASON} » : un motif de la liste déroulante. Il n'y a pas de texte libre, pour qu'aucun nom ne s'y glisse.
Une ligne sans décision est laissée de côté. Une décision vaut pour les deux fiches et l'emporte sur le calcul.

## Onglet « {SAMPLE} »
Un tirage au sort de paires, liées ou non, pour mesurer les erreurs du rapprochement (table dq_linkage).
Ces réponses ne changent pas la liste. La probabilité n'est pas montrée, pour ne pas influencer.
Répondez d'après les dossiers, avec les opérateurs concernés, et non d'après les seules colonnes du tableau.
Répondez à tout, dans l'ordre que vous voulez : une partie sans aucune réponse n'a pas de taux.

## Rendre le classeur
Enregistrer en .xlsx, sans renommer ni supprimer d'onglet ou de colonne, ni modifier les colonnes « Fiche ».
Trier et filtrer sont permis. Puis : synchro review --read CLASSEUR.xlsx, et reconstruire (dbt build).
"""


@dataclass(frozen=True)
class Review:
    """What was written: where, how many pairs wait in all, how many of them are shown, how many to label."""

    path: Path
    waiting: int
    shown: int
    sampled: int


def default_path(settings: Settings) -> Path:
    """Beside the warehouse, which never enters the repository."""
    return settings.warehouse.parent / "relecture.xlsx"


def write_review(settings: Settings, out: Path | None = None) -> Review:
    """Write the workbook to `out` (default: `default_path`); the same build gives the same cells.

    Raises SynchroError: EXISTS (a workbook with decisions in it must not be lost), NOT_BUILT, WRITE; those of
    `connect_read_only`.
    """
    path = out or default_path(settings)
    if path.exists():
        raise SynchroError(
            "EXISTS",
            "Ce classeur existe déjà et peut contenir des décisions",
            where=str(path),
            todo="le lire (« synchro review --read »), puis le supprimer, ou donner un autre nom",
        )
    with closing(connect_built(settings)) as con:
        pairs, waiting = _pairs(con, settings)
        sample = _sample(con)
    try:
        _write_workbook(path, pairs, sample)
    except OSError:
        raise SynchroError(
            "WRITE", "Le classeur n'a pas pu être écrit", str(path), "vérifier le dossier, la place et les droits"
        ) from None
    return Review(path, waiting, len(pairs.rows), len(sample.rows))


def connect_built(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Both files read-only, with what a review needs built. Raises SynchroError NOT_BUILT."""
    con = connect_read_only(settings)
    con.execute("use synchro")
    needed = {"lnk_clerical_sample", "lnk_scored_pairs", "level_labels", "fct_person_months"}
    built = con.execute("select table_name from duckdb_tables()").fetchall()
    if missing := needed - {name for (name,) in built}:
        con.close()
        todo = "lancer « dbt build », puis recommencer"
        raise SynchroError("NOT_BUILT", "Le rapprochement n'est pas construit", ", ".join(sorted(missing)), todo)
    return con


@dataclass(frozen=True)
class _Sheet:
    headers: list[str]
    rows: list[tuple[Any, ...]]


def _pairs(con: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[_Sheet, int]:
    """Pairs of persons to decide, most useful first (at most MAX_PAIRS), and how many there are in all."""
    thresholds = [settings.variables[name] for name in ("review_threshold", "link_threshold")]
    rows = con.execute(
        f"""
        with waiting as (
            select
                scored_pairs.*,
                links.record_id_l is not null as is_link,
                least(sides_l.person_id, sides_r.person_id) as person_id_1,
                greatest(sides_l.person_id, sides_r.person_id) as person_id_2
            from vault.linked.lnk_scored_pairs as scored_pairs
            inner join vault.linked.lnk_person_records as sides_l on scored_pairs.record_id_l = sides_l.record_id
            inner join vault.linked.lnk_person_records as sides_r on scored_pairs.record_id_r = sides_r.record_id
            left join vault.linked.lnk_links as links
                on scored_pairs.record_id_l = links.record_id_l and scored_pairs.record_id_r = links.record_id_r
            where scored_pairs.match_probability >= $review and sides_l.person_id != sides_r.person_id
        ),

        -- Who said that two records are two persons has said it of the persons.
        decided as (
            select distinct
                least(sides_l.person_id, sides_r.person_id) as person_id_1,
                greatest(sides_l.person_id, sides_r.person_id) as person_id_2
            from vault.linked.lnk_overrides as overrides
            inner join vault.linked.lnk_person_records as sides_l on overrides.record_id_l = sides_l.record_id
            inner join vault.linked.lnk_person_records as sides_r on overrides.record_id_r = sides_r.record_id
        ),

        best as (
            select *
            from waiting
            anti join decided using (person_id_1, person_id_2)
            qualify row_number() over (
                partition by person_id_1, person_id_2
                order by match_probability desc, record_id_l, record_id_r
            ) = 1
        ),

        contradictions as (
            select
                least(sides_l.person_id, sides_r.person_id) as person_id_1,
                greatest(sides_l.person_id, sides_r.person_id) as person_id_2,
                min(contradictions.reason) as reason
            from vault.linked.lnk_contradictions as contradictions
            inner join vault.linked.lnk_person_records as sides_l on contradictions.record_id_l = sides_l.record_id
            inner join vault.linked.lnk_person_records as sides_r on contradictions.record_id_r = sides_r.record_id
            group by all
        ),

        double_counts as (
            select best.person_id_1, best.person_id_2, count(*) as month_count
            from best
            inner join compiled.fct_person_months as months_1 on best.person_id_1 = months_1.person_id
            inner join compiled.fct_person_months as months_2
                on best.person_id_2 = months_2.person_id
                and months_1.reference_month = months_2.reference_month
            where months_1.is_active and months_2.is_active
            group by all
        )

        select
            best.record_id_l, best.record_id_r, {_SIDE_COLUMNS},
            coalesce(double_counts.month_count, 0) as month_count,
            best.match_probability,
            case
                when best.match_probability < $link then 'between'
                when not best.is_link then 'thin'
                else coalesce(contradictions.reason, 'guard')
            end as why,
            {", ".join(f"best.{comparison}_level" for comparison in COMPARISONS)}
        from best
        {_side_joins("best")}
        left join double_counts using (person_id_1, person_id_2)
        left join contradictions using (person_id_1, person_id_2)
        order by month_count * match_probability desc, match_probability desc, best.record_id_l, best.record_id_r
        """,
        dict(zip(("review", "link"), thresholds, strict=True)),
    ).fetchall()
    labels = _labels(con)
    headers = [RECORD_L, RECORD_R, *_SIDES[0], *_SIDES[1], "Mois en double", "Probabilité", "Pourquoi cette paire"]
    headers += [*COMPARISONS.values(), DECISION, DECIDED_BY, REASON]
    shown = [(*row[:10], _WHY.get(row[10], row[10]), *_in_words(row[11:], labels)) for row in rows[:MAX_PAIRS]]
    return _Sheet(headers, shown), len(rows)


def _sample(con: duckdb.DuckDBPyConnection) -> _Sheet:
    """Pairs still to label, without anything that tells what linkage made of them, in an order that tells nothing."""
    rows = con.execute(
        f"""
        select
            sample.record_id_l, sample.record_id_r, {_SIDE_COLUMNS},
            {", ".join(f"scored_pairs.{comparison}_level" for comparison in COMPARISONS)}
        from vault.linked.lnk_clerical_sample as sample
        inner join vault.linked.lnk_scored_pairs as scored_pairs using (record_id_l, record_id_r)
        {_side_joins("sample")}
        where sample.is_match is null
        order by md5('order|' || sample.record_id_l || '|' || sample.record_id_r)
        """
    ).fetchall()
    labels = _labels(con)
    headers = [RECORD_L, RECORD_R, *_SIDES[0], *_SIDES[1], *COMPARISONS.values(), DECISION, DECIDED_BY]
    return _Sheet(headers, [(*row[:8], *_in_words(row[8:], labels)) for row in rows])


_SIDE_COLUMNS = ", ".join(
    f"coalesce(operators_{side}.label_fr, sides_{side}.operator) as operator_{side},"
    f" sides_{side}.first_reference_month as first_month_{side},"
    f" sides_{side}.last_reference_month as last_month_{side}"
    for side in ("l", "r")
)


def _side_joins(pairs: str) -> str:
    """Joins of both records of `pairs` to when and by whom they were listed."""
    return "\n".join(
        f"""
        inner join compiled.bridge_person_records as sides_{side}
            on {pairs}.record_id_{side} = sides_{side}.record_id
        left join reference.operators as operators_{side} on sides_{side}.operator = operators_{side}.operator
        """
        for side in ("l", "r")
    )


def _labels(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    rows = con.execute("select comparison, comparison_level, label_fr from linkage.level_labels").fetchall()
    return {(comparison, level): label for comparison, level, label in rows}


def _in_words(levels: Sequence[str], labels: dict[tuple[str, str], str]) -> list[str]:
    return [labels[comparison, level] for comparison, level in zip(COMPARISONS, levels, strict=True)]


def _write_workbook(path: Path, pairs: _Sheet, sample: _Sheet) -> None:
    with new_workbook(path, "Relecture des rapprochements", mode=0o600) as workbook:
        _set_up_print(write_notice(workbook, GUIDE, _INSTRUCTIONS), _A4)
        _write_sheet(workbook, PAIRS, pairs, (SAME, DIFFERENT, UNSURE))
        _write_sheet(workbook, SAMPLE, sample, (SAME, DIFFERENT))
        lists = workbook.add_worksheet(LISTS)
        lists.write_column(0, 0, REASONS)
        lists.hide()


def _set_up_print(sheet: Any, paper: int) -> None:
    """As many columns as there are on one page's width, in landscape; the page says what it is of how many."""
    sheet.set_paper(paper)
    sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P sur &N")


def _write_sheet(workbook: xlsxwriter.Workbook, name: str, content: _Sheet, decisions: Sequence[str]) -> None:
    head = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    header = workbook.add_format({**head, "bg_color": "#D9E2EC"})
    answer_header = workbook.add_format({**head, "bg_color": "#F7D070"})
    answer = workbook.add_format({"bg_color": "#FFF8E1", "border": 1, "border_color": "#D9D9D9"})
    formats = {
        name: workbook.add_format({"valign": "top", "bottom": 1, "bottom_color": "#D9D9D9", **form})
        for name, form in {
            "": {"text_wrap": True},
            "id": {"font_color": "#5F6B7A", "font_size": 8},
            "month": {"num_format": "mm/yyyy", "align": "left"},
            "percent": {"num_format": "0.0 %", "align": "center"},
        }.items()
    }
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 2)
    sheet.set_row(0, 45)
    _set_up_print(sheet, _A3)
    sheet.repeat_rows(0)
    asked = [title for title in (DECISION, DECIDED_BY, REASON) if title in content.headers]
    for column, title in enumerate(content.headers):
        sheet.write_string(0, column, title, answer_header if title in asked else header)
        sheet.set_column(column, column, next((w for start, w in _WIDTHS.items() if title.startswith(start)), 14))
    for number, row in enumerate(content.rows, start=1):
        sheet.set_row(number, _TWO_LINES)
        for column, value in enumerate(row):
            _write_cell(sheet, number, column, value, formats)
        for column in range(len(row), len(content.headers)):
            sheet.write_blank(number, column, None, answer)
    last = max(len(content.rows), 1)
    sheet.autofilter(0, 0, last, len(content.headers) - 1)
    refusal = {"error_title": "Hors liste", "error_message": "Choisir dans la liste déroulante, ou laisser vide."}
    choices: dict[str, Any] = {DECISION: list(decisions), REASON: f"={LISTS}!$A$1:$A${len(REASONS)}"}
    for title in set(asked) & set(choices):
        column = content.headers.index(title)
        validation = {"validate": "list", "source": choices[title], **refusal}
        sheet.data_validation(1, column, last, column, validation)


def _write_cell(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats["month"])
    elif isinstance(value, float):
        sheet.write_number(row, column, value, formats["percent"])
    elif isinstance(value, int):
        sheet.write_number(row, column, value, formats[""])
    else:
        sheet.write_string(row, column, value, formats["id" if column < 2 else ""])
