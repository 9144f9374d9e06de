"""What is needed, what was answered, and what can be tried before the next meeting."""

from __future__ import annotations

from datetime import date

from synchro.brief.publication import Publication, Row, cell, less, share
from synchro.brief.series import months_before


def needs(publication: Publication, month: date) -> Row:
    """Needs against responses: one line a need, the total last."""
    labels = {row["code"]: row for row in publication.table("voc_need")}
    rows = publication.table("ind_needs_responses", reference_month=month)
    waited = [row for row in rows if row["need"] == "total" or cell(row, "waiting").value != 0]
    return {
        "header": [
            *("préconisation", "ménages en attente", "demandes nouvelles", "réponse préconisée"),
            *("autre réponse", "refus", "attente médiane, jours", "places", "places occupées"),
        ],
        "rows": [_need(publication, row, labels) for row in sorted(waited, key=lambda row: _position(row, labels))],
    }


def _position(row: Row, labels: dict[str, Row]) -> tuple[bool, int, str]:
    known = labels.get(row["need"])
    return (row["need"] == "total", known["position"] if known else 99, row["need"])


def _need(publication: Publication, row: Row, labels: dict[str, Row]) -> list[str]:
    label = (
        "Ensemble" if row["need"] == "total" else (labels.get(row["need"]) or {"label_fr": row["need"]})["label_fr"]
    )
    columns = ("waiting", "new_requests", "answered_as_needed", "answered_otherwise", "refused", "median_wait_days")
    counts = [publication.text(cell(row, column)) for column in columns]
    places, occupied = cell(row, "places"), cell(row, "places_occupied")
    part = share(row, "occupancy")
    said = publication.text(occupied) + (f" ({publication.text(part)} %)" if part.value is not None else "")
    return [label, *counts, publication.text(places), said]


def opportunities(publication: Publication, month: date) -> Row:
    """What can be tried, for how many, and since last month; those that concern nobody are left out."""
    before = {
        row["rule"]: row for row in publication.table("ind_opportunities", reference_month=months_before(month, 1))
    }
    rows = []
    for row in publication.table("ind_opportunities", "position", reference_month=month):
        persons = cell(row, "persons")
        if persons.value != 0:
            change = less(persons, cell(before.get(row["rule"]), "persons"))
            counts = [publication.text(one) for one in (persons, cell(row, "households"))]
            rows.append([row["title_fr"], *counts, publication.text(change, is_signed=True), row["action_fr"]])
    return {"header": ["opportunité", "personnes", "ménages", "en un mois", "que faire"], "rows": rows}
