"""`synchro feedback`: what one operator can correct in its own list, by its own numbers, as a workbook.

Every query is held to the operator's own rows and to links between two of its own records: nothing that another
operator knows can be read in it, nor guessed from it.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from synchro.errors import SynchroError
from synchro.settings import Settings
from synchro.warehouse import connect_read_only
from synchro.workbook_writing import new_workbook, write_notice, write_table

NOTICE, SCORES, ADJUSTMENTS = "Lisez-moi", "Vos résultats", "À corriger"
RECORDS, MISSING, DUPLICATES, WORDS = "Lignes à vérifier", "Champs manquants", "Doublons", "Mots à expliquer"

_ADJUSTMENT_STATUS = {"new": "nouveau", "open": "déjà signalé", "resolved": "réglé"}
# A change smaller than this is not told as one.
_STEADY = 0.02
# A share over fewer rows than this moves by itself.
_FEW_ROWS = 10

_NOTICE = """\
# Retour qualité – {operator}
Mois : {month}. Ce classeur ne parle que de ce que vous avez envoyé, avec vos propres numéros de dossier.
Rien de ce qu'un autre opérateur sait ne s'y trouve. Il contient des numéros de personnes : gardez-le chez vous.

## Ce qu'il y a dans chaque onglet
« {scores} » : part de ce qui est rempli, traduit, à l'heure, sans doublon et vraisemblable, et son évolution.
« {adjustments} » : ce qui est à changer, depuis quand, sur combien de lignes, et comment.
« {records} » : les lignes de votre dernier fichier dont une date ou un séjour est à vérifier.
« {missing} » : les fiches de votre dernier fichier auxquelles il manque une information.
« {duplicates} » : les fiches de votre liste qui semblent être celles d'une même personne.
« {words} » : les mots dont nous ne savons pas le sens ; écrivez-le dans la dernière colonne et renvoyez ce classeur.

## Que faire
1. Corriger dans votre logiciel, à la source : le fichier du mois suivant sera juste.
2. Pour corriger un mois passé, renvoyer le fichier du mois : il remplace le précédent.
3. Un doute, une ligne signalée à tort : dites-le-nous, nous changerons le contrôle.

« Numéro masqué » : ce qui tient lieu de numéro ressemble à un nom ou à une date ; il n'a pas été conservé en clair.
"""


@dataclass(frozen=True)
class Feedback:
    """What was written: where, for which month, and how many rows each sheet has."""

    path: Path
    month: date
    counts: dict[str, int]


def default_path(settings: Settings, operator: str, month: date) -> Path:
    """Beside the warehouse: the workbook holds local numbers and never enters a publication."""
    return settings.warehouse.parent / "retours" / f"retour_{operator}_{month:%Y-%m}.xlsx"


def write_feedback(settings: Settings, operator: str, out: Path | None = None, month: date | None = None) -> Feedback:
    """Write the workbook of `operator` for `month` (its first day; default: the last it delivered), mode 0600.

    The same build gives the same bytes. Raises SynchroError: OPERATOR, NO_DELIVERY, NOT_BUILT, WRITE; those of
    `connect_read_only`.
    """
    with closing(connect_read_only(settings)) as con:
        con.execute("use synchro")
        try:
            label = _label(con, operator)
            month = month or _last_month(con, operator)
            sheets = _sheets(con, operator, month)
        except duckdb.CatalogException:
            raise SynchroError(
                "NOT_BUILT",
                "Les tables de qualité ne sont pas construites",
                todo="lancer « dbt build », puis relancer",
            ) from None
    path = out or default_path(settings, operator, month)
    try:
        _write_workbook(path, label, month, sheets)
    except OSError:
        raise SynchroError(
            "WRITE", "Le classeur n'a pas pu être écrit", str(path), "vérifier le dossier, la place et les droits"
        ) from None
    return Feedback(path, month, {name: len(rows) for name, rows in sheets.items()})


def _label(con: duckdb.DuckDBPyConnection, operator: str) -> str:
    row = con.execute("select label_fr from reference.operators where operator = ?", [operator]).fetchone()
    if row is None:
        known = con.execute("select string_agg(operator, ', ' order by operator) from reference.operators").fetchone()
        raise SynchroError(
            "OPERATOR", "Cet opérateur n'existe pas", where=operator, todo=f"choisir parmi : {known[0]}"
        )
    return row[0]


def _last_month(con: duckdb.DuckDBPyConnection, operator: str) -> date:
    month = con.execute(
        "select max(reference_month) from quality.dq_deliveries where operator = ? and status = 'accepted'",
        [operator],
    ).fetchone()[0]
    if month is None:
        raise SynchroError(
            "NO_DELIVERY",
            "Cet opérateur n'a encore rien livré",
            where=operator,
            todo="déposer ses fichiers (« synchro land »), puis « dbt build »",
        )
    return month


def _sheets(con: duckdb.DuckDBPyConnection, operator: str, month: date) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every sheet, by its name."""
    given = {"operator": operator, "month": month}
    return {
        SCORES: [(*row[:-3], *row[-3:-1], _trend(*row[-3:])) for row in con.execute(_SCORES, given).fetchall()],
        ADJUSTMENTS: [(_ADJUSTMENT_STATUS[row[0]], *row[1:]) for row in con.execute(_ADJUSTMENTS, given).fetchall()],
        RECORDS: con.execute(_RECORDS, given).fetchall(),
        MISSING: con.execute(_MISSING, given).fetchall(),
        DUPLICATES: con.execute(_DUPLICATES, given).fetchall(),
        WORDS: con.execute(_WORDS, given).fetchall(),
    }


def _trend(share: float, earlier: float | None, denominator: int) -> str:
    if earlier is None or denominator < _FEW_ROWS or abs(share - earlier) < _STEADY:
        return "" if earlier is None else "stable"
    return "en hausse" if share > earlier else "en baisse"


_NUMBER = "coalesce({ids}.local_id, 'numéro masqué')"
_FIELD = "coalesce(fields.label_fr, nullif({row}.field, ''), '–')"

_SCORES = f"""
    select
        dimensions.label_fr,
        coalesce(issues.label_fr, extracts.label_fr, {_FIELD.format(row="scores")}),
        scores.numerator,
        scores.denominator,
        scores.quality_share,
        scores.earlier_share,
        scores.denominator
    from quality.dq_scores as scores
    inner join vocabularies.voc_quality_dimension as dimensions on scores.dimension = dimensions.code
    left join reference.quality_fields as fields on scores.entity = fields.entity and scores.field = fields.field
    left join reference.quality_issues as issues on scores.field = issues.code
    left join (
        select operator, extract, 'fichier « ' || max(extract_label_fr) || ' »' as label_fr
        from quality.dq_calendar group by operator, extract
    ) as extracts
        on scores.entity = 'deliveries' and scores.operator = extracts.operator and scores.field = extracts.extract
    where scores.operator = $operator and scores.reference_month = $month
    order by dimensions.position, scores.entity, fields.position, issues.position, scores.field
"""

_ADJUSTMENTS = f"""
    select
        adjustments.status,
        adjustments.label_fr,
        {_FIELD.format(row="adjustments")},
        adjustments.detail,
        adjustments.first_month,
        adjustments.last_row_count,
        adjustments.advice_fr
    from quality.dq_adjustments as adjustments
    left join reference.quality_fields as fields
        on adjustments.entity = fields.entity and adjustments.field = fields.field
    where
        adjustments.operator = $operator
        and $month between adjustments.first_month and adjustments.last_month
    order by adjustments.status != 'new', adjustments.last_row_count desc, 2, 3, 4
"""

_RECORDS = f"""
    select
        {_NUMBER.format(ids="local_ids")},
        issues.label_fr,
        findings.event_date,
        issues.advice_fr
    from quality.dq_findings as findings
    inner join reference.quality_issues as issues on findings.check_code = issues.code
    left join vault.identity.local_ids as local_ids on findings.record_id = local_ids.record_id
    where
        findings.operator = $operator and findings.reference_month = $month
        -- The two records of a duplicate stand side by side, on a sheet of their own.
        and findings.check_code != 'duplicate_record'
    order by issues.position, findings.event_date, 1, findings.row_id
"""

_MISSING = f"""
    with missing as (
        select records.record_id, fields.label_fr, fields.position
        from harmonised.hrm_records as records
        inner join reference.quality_fields as fields on fields.entity = 'records'
        -- A field that the operator does not collect is in no score, and missed by nobody.
        inner join quality.dq_completeness as completeness
            on
                records.operator = completeness.operator
                and records.reference_month = completeness.reference_month
                and completeness.entity = 'records'
                and fields.field = completeness.field
        left join (
            select record_id, bool_or(last_name_token is not null) as has_last_name,
                bool_or(first_name_token is not null) as has_first_name
            from vault.linked.lnk_records group by record_id
        ) as names on records.record_id = names.record_id
        where
            records.operator = $operator and records.reference_month = $month
            and case fields.field
                when 'last_name' then not coalesce(names.has_last_name, false)
                when 'first_name' then not coalesce(names.has_first_name, false)
                when 'birth_date' then records.birth_date_precision = 'missing'
                when 'household' then records.household_record_id is null
                when 'sex' then records.sex = 'unknown'
                when 'household_type' then records.household_type = 'unknown'
                when 'household_role' then records.household_role = 'unknown'
                when 'administrative_status' then records.administrative_status = 'unknown'
                when 'resources' then records.resources = 'unknown'
            end
    )

    select {_NUMBER.format(ids="local_ids")}, string_agg(missing.label_fr, ', ' order by missing.position), count(*)
    from missing
    left join vault.identity.local_ids as local_ids on missing.record_id = local_ids.record_id
    group by missing.record_id, local_ids.local_id
    order by count(*) desc, 1, missing.record_id
"""

_DUPLICATES = f"""
    select {_NUMBER.format(ids="ids_l")}, {_NUMBER.format(ids="ids_r")}
    from vault.linked.lnk_links as links
    inner join quality.dq_duplicate_records as records_l
        on links.record_id_l = records_l.record_id and records_l.reference_month = $month
    inner join quality.dq_duplicate_records as records_r
        on links.record_id_r = records_r.record_id and records_r.reference_month = $month
    left join vault.identity.local_ids as ids_l on links.record_id_l = ids_l.record_id
    left join vault.identity.local_ids as ids_r on links.record_id_r = ids_r.record_id
    where records_l.operator = $operator and records_r.operator = $operator and not links.is_pinned
    order by 1, 2, links.record_id_l, links.record_id_r
"""

_WORDS = f"""
    select {_FIELD.format(row="words")}, words.source_value, words.row_count
    from quality.dq_unmapped_words as words
    left join reference.quality_fields as fields on words.entity = fields.entity and words.field = fields.field
    where words.operator = $operator and words.reference_month = $month
    order by words.row_count desc, 1, 2
"""

_HEADERS = {
    SCORES: [
        ("Ce qui est mesuré", 16),
        ("Champ, contrôle ou extrait", 44),
        ("Lignes justes", 12),
        ("sur", 10),
        ("Part du mois", 12),
        ("Trois mois d'avant", 14),
        ("Évolution", 12),
    ],
    ADJUSTMENTS: [
        ("État", 14),
        ("À changer", 44),
        ("Champ", 28),
        ("Précision", 28),
        ("Depuis", 12),
        ("Lignes du mois", 12),
        ("Comment", 60),
    ],
    RECORDS: [("Votre numéro", 20), ("À vérifier", 50), ("Date", 12), ("Comment", 60)],
    MISSING: [("Votre numéro", 20), ("Ce qui manque", 80), ("Combien", 10)],
    DUPLICATES: [("Votre numéro, fiche 1", 24), ("Votre numéro, fiche 2", 24), ("Même personne ? (oui / non)", 28)],
    WORDS: [("Champ", 28), ("Mot", 40), ("Lignes", 10), ("Ce que le mot veut dire", 50)],
}


def _write_workbook(path: Path, label: str, month: date, sheets: dict[str, list[tuple[Any, ...]]]) -> None:
    names = {"scores": SCORES, "adjustments": ADJUSTMENTS, "records": RECORDS}
    names |= {"missing": MISSING, "duplicates": DUPLICATES, "words": WORDS}
    with new_workbook(path, f"Retour qualité – {label}", mode=0o600) as workbook:
        write_notice(workbook, NOTICE, _NOTICE.format(operator=label, month=f"{month:%m/%Y}", **names))
        for name, rows in sheets.items():
            write_table(workbook, name, _HEADERS[name], rows, empty="Rien à signaler.")
