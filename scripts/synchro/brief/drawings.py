"""What happened, in charts: each with its title, its SVG (none if nothing is shown) and what it says, in words."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from synchro.brief.charts import STYLES, Bar, Point, bars, lines
from synchro.brief.figures import YEAR, Flows
from synchro.brief.publication import Publication, Row, share
from synchro.brief.series import WINDOW_MONTHS, months_before
from synchro.french import month_name, number

# Everybody enters in the first list: it is a stock, and nothing in the months that follow.
_FIRST_LIST = "inflow_first_list"
_UNITS = {"person": "Personnes", "household": "Ménages"}


def stock_chart(publication: Publication, month: date) -> Row:
    """Persons and households at the end of each month."""
    flows = Flows(publication, month)
    points = [
        Point(month=one, series=label, value=flows.cell(unit, one, "active_end").value)
        for unit, label in _UNITS.items()
        for one in flows.months()
    ]
    return _chart("Sans domicile en fin de mois", points)


def flow_chart(publication: Publication, month: date) -> Row:
    """Persons who came in and went out in each month after the first list."""
    flows = Flows(publication, month)
    points = [
        Point(month=one, series=label, value=flows.cell("person", one, column).value)
        for column, label in (("inflow", "Entrées"), ("outflow", "Sorties"))
        for one in flows.months()
        if one > publication.first_month
    ]
    return _chart("Personnes entrées et sorties dans le mois", points)


def duration_chart(publication: Publication, month: date) -> Row:
    """The share of persons without a home for more than 6, 12 and 24 months."""
    points = []
    for months in (6, 12, 24):
        for row in publication.table("ind_durations", "reference_month", unit="person", segment_type="total"):
            if month >= row["reference_month"] > months_before(month, WINDOW_MONTHS):
                value = share(row, f"over_{months}_months_share").value
                points.append(Point(month=row["reference_month"], series=f"Plus de {months} mois", value=value))
    return _chart("Part des personnes sans domicile depuis…", points, suffix=" %")


def movements(publication: Publication, month: date) -> Row:
    """Where the persons of the month come from and go to, against the mean of twelve months."""
    flows = Flows(publication, month)
    sides = (("inflow", "Personnes entrées dans le mois", 0), ("outflow", "Personnes sorties dans le mois", 1))
    return {name: _types(flows, name, title, style) for name, title, style in sides}


def _types(flows: Flows, name: str, title: str, style: int) -> Row:
    rows: list[Bar] = []
    hidden: dict[str, list[str]] = {}
    for kind in flows.publication.table(f"voc_{name}", "position"):
        column = f"{name}_{kind['code']}"
        now, label = flows.cell("person", flows.month, column), kind["label_fr"]
        earlier = [months_before(flows.month, count) for count in range(1, YEAR + 1)]
        past = [flows.cell("person", one, column).value for one in earlier]
        mean = sum(past) / YEAR if None not in past else None
        if column == _FIRST_LIST or (now.value == 0 and not mean):
            continue
        if now.value is None:
            hidden.setdefault(flows.publication.reason(now.status), []).append(label.lower())
        else:
            rows.append(Bar(label=label, value=now.value, text=flows.publication.text(now), mean=mean))
    said = [f"{row['label'].lower()} {row['text']}" for row in rows]
    unsaid = [f"{reason} : {', '.join(labels)}" for reason, labels in hidden.items()]
    return {
        "title": title,
        "svg": bars(rows, style=style) if rows else None,
        "alt": f"{title} par type : {' ; '.join(said + unsaid)}.",
        "has_mean": any(row["mean"] is not None for row in rows),
        "hidden": " ; ".join(unsaid),
    }


def _chart(title: str, points: list[Point], suffix: str = "") -> Row:
    said: list[str] = []
    for name in dict.fromkeys(point["series"] for point in points):
        known: list[Any] = [point for point in points if point["series"] == name and point["value"] is not None]
        if known:
            first, last = known[0], known[-1]
            ends = (f"{number(one['value'])}{suffix} en {month_name(one['month'])}" for one in (first, last))
            low, high = (number(found(one["value"] for one in known)) for found in (min, max))
            said.append(
                "{} : de {} à {}".format(name, *ends) + f" (au plus bas {low}{suffix}, au plus haut {high}{suffix})"
            )
    names = dict.fromkeys(point["series"] for point in points)
    return {
        "title": title,
        "svg": lines(points, suffix=suffix) if said else None,
        "alt": f"{title}. {' ; '.join(said)}." if said else f"{title} : non montré.",
        "series": [{"name": name, **asdict(style)} for name, style in zip(names, STYLES, strict=False)],
    }
