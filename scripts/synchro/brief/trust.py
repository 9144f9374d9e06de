"""How far to trust the figures, where the programme stands, and how the note is made."""

from __future__ import annotations

from datetime import date

from synchro.brief.publication import Publication, Row, cell
from synchro.brief.series import LEAST_MONTHS, WINDOW_MONTHS, months_before
from synchro.french import month_name, number

_SHOWN_MONTHS = 6
_VERDICTS = {
    "oui": "Ce mois est fiable : les fichiers sont là, leurs mots sont traduits, les stocks publiés se suivent.",
    "non": "Ce mois n'est pas fiable : un critère au moins n'est pas tenu. Le dire avant de commenter.",
    "pas encore connu": "La fiabilité de ce mois n'est pas encore connue : il manque trois mois de recul, ou la "
    "suite des publications. Commenter avec prudence.",
}
_ANSWERS = {True: "oui", False: "non", None: "pas encore connu"}


def reliability(publication: Publication, month: date) -> Row:
    """The last months against the three criteria, and the verdict in a sentence."""
    rows = publication.table("ind_reliability", "reference_month", unit="person")
    last = [row for row in rows if months_before(month, _SHOWN_MONTHS) < row["reference_month"] <= month]
    verdict = _answer(last[-1], "is_reliable") if last and last[-1]["reference_month"] == month else _ANSWERS[None]
    return {
        "sentence": f"{_VERDICTS[verdict]} Fiable veut dire stable, complet et traduit ; pas exhaustif.",
        "header": ["mois", "fichiers reçus sur trois mois", "mots traduits", "stocks qui se suivent", "fiable"],
        "rows": [_criteria(publication, row) for row in last],
    }


def _criteria(publication: Publication, row: Row) -> list[str]:
    delivered, expected = (publication.text(cell(row, f"{name}_3_months")) for name in ("delivered", "expected"))
    answers = [_answer(row, column) for column in ("is_translated", "is_balanced", "is_reliable")]
    return [month_name(row["reference_month"]), f"{delivered} sur {expected}", *answers]


def _answer(row: Row, column: str) -> str:
    return _ANSWERS[None if row[column] is None else bool(row[column])]


def calendar(publication: Publication, month: date) -> str:
    """Which files came on time, late or not at all; empty where the edition does not say it by operator."""
    rows = publication.table("dq_calendar", "operator, extract", reference_month=month)
    if not rows:
        return ""
    late = [row for row in rows if row["status"] == "late"]
    missing = [row for row in rows if row["status"] == "missing"]
    text = f"Fichiers de {month_name(month)} : {len(rows) - len(late) - len(missing)} reçus à temps sur {len(rows)}."
    if late:
        said = ", ".join(f"{row['extract_label_fr']} ({_days(row['days_late'])})" for row in late)
        text += f" En retard : {said}."
    if missing:
        text += f" Jamais arrivés : {', '.join(row['extract_label_fr'] for row in missing)}."
    return text


def revisions(publication: Publication, month: date) -> str:
    """By how much the published stocks moved since."""
    key = {"unit": "person", "segment_type": "total", "indicator": "active_end"}
    figures = [
        (row["first_figure"], row["current_figure"])
        for row in publication.table("ind_revisions", "reference_month", **key)
        if row["reference_month"] < month and row["first_figure"] and row["current_figure"] is not None
    ]
    if not figures:
        return "Révisions : aucun mois publié n'a encore été comparé à sa première valeur."
    moved = [abs(current / first - 1) for first, current in figures if current != first]
    text = f"Révisions du stock : {len(moved)} mois sur {len(figures)} déjà publiés ont bougé depuis"
    return f"{text}, de {number(100 * max(moved), 1)} % au plus." if moved else f"{text}."


def programme(publication: Publication, month: date) -> Row:
    """The phases with deliverables and euros, and the deliverables that are late."""
    rows = publication.table("ind_programme", "phase_position", reference_month=month)
    rows = [row for row in rows if row["phase"] != "total"] + [row for row in rows if row["phase"] == "total"]
    late = [
        f"{row['label_fr']} ({_days(row['days_late'])})"
        for row in publication.table("ind_deliverables", "due_date, position", reference_month=month)
        if row["is_due"] and not row["is_done"]
    ]
    return {
        "header": ["phase", "période", "livrables rendus", "en retard", "dépensé / prévu à ce jour"],
        "rows": [_phase(row) for row in rows],
        "late": f"Livrables en retard : {' ; '.join(late)}." if late else "",
    }


def _phase(row: Row) -> list[str]:
    span = f"{row['start_date']:%m/%Y} à {row['end_date']:%m/%Y}"
    euros = f"{number(row['spent_eur'] or 0)} € / {number(row['planned_to_date_eur'] or 0)} €"
    done = f"{row['deliverables_done']} sur {row['deliverables']}"
    return [
        row["label_fr"] + (" (en cours)" if row["is_current"] and row["phase"] != "total" else ""),
        span,
        done,
        str(row["deliverables_late"]),
        euros,
    ]


def method(publication: Publication, examined: int) -> list[str]:
    """How to read the note, in a few lines."""
    known = publication.dictionary["deliveries"]
    until = str(known["last_received_at"])[:10]
    edition = "interne" if publication.audience == "internal" else "publique"
    lines = [
        "Qui est compté : les personnes que les opérateurs livrés ont vues sans domicile, une fois leurs fiches "
        "rapprochées sans aucun nom. Qui n'est sur aucune liste n'est dans aucun chiffre.",
        "Sans domicile en fin de mois = au début du mois + entrées − sorties. « Perdue de vue » (plus de 90 jours "
        "sans trace) est une sortie, pas une solution.",
        f"D'habitude : médiane des {WINDOW_MONTHS} mois précédents ({LEAST_MONTHS} au moins), plus ou moins 2 à 2,5 "
        "fois leur écart médian ramené à un écart-type. Un fait de mouvement sort de cette fourchette.",
        f"Les faits : des règles écrites d'avance examinent {number(examined)} séries ; les plus grands écarts sont "
        "gardés, jamais deux du même sujet. Sur autant de séries, quelques-unes sortent de leur fourchette par "
        "hasard : un fait ouvre une discussion, il ne prouve rien.",
        f"Source : publication « {edition} », {number(known['count'])} livraisons reçues jusqu'au "
        f"{until[8:10]}/{until[5:7]}/{until[:4]}. Définitions : dictionnaire.csv, remis avec elle.",
    ]
    if publication.parameters:
        base, least = (publication.parameters.get(name) for name in ("rounding_base", "display_from"))
        lines.append(
            f"Secret statistique : chaque effectif est arrondi à {base} ; sous {least} personnes, ou quand il en "
            "ferait deviner un autre, il est masqué. Les totaux arrondis ne s'additionnent pas ; un écart entre deux "
            "mois est celui des valeurs arrondies."
        )
    return lines


def _days(count: int) -> str:
    return f"{number(count)}\u00a0jour{'s' if count > 1 else ''}"
