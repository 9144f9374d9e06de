"""What happened: stock, inflow and outflow of the month, what changed, where from and where to, for how long."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from synchro.brief.charts import STYLES, Bar, Point, bars, lines
from synchro.brief.publication import Cell, Publication, Row, cell, less, ratio, share, signed, total
from synchro.brief.series import months_before, usual
from synchro.french import month_name, number

_UNITS = {"person": "Personnes", "household": "Ménages"}
_HOUSED = ("outflow_own_housing", "outflow_supported_housing")
# Rows of the table of changes: label, unit, columns added up.
_CHANGES = (
    ("Personnes sans domicile en fin de mois", "person", ("active_end",)),
    ("Personnes entrées dans le mois", "person", ("inflow",)),
    ("Personnes sorties dans le mois", "person", ("outflow",)),
    ("\u2003dont vers un logement, ordinaire ou adapté", "person", _HOUSED),
    ("\u2003dont perdues de vue", "person", ("outflow_inactive",)),
    ("Ménages sans domicile en fin de mois", "household", ("active_end",)),
    ("Ménages entrés dans le mois", "household", ("inflow",)),
    ("Ménages sortis dans le mois", "household", ("outflow",)),
)
_CHARTED_MONTHS = 24
_REACH = 2.0
_YEAR = 12


class Flows:
    """The lines of the total, by unit and month, up to the month of the note."""

    def __init__(self, publication: Publication, month: date) -> None:
        self.publication, self.month = publication, month
        rows = publication.table("ind_monthly_flows", "reference_month", segment_type="total")
        self.rows = {(row["unit"], row["reference_month"]): row for row in rows if row["reference_month"] <= month}

    def cell(self, unit: str, month: date, *columns: str) -> Cell:
        """One figure of a month; several columns are added up."""
        row = self.rows.get((unit, month))
        # Nobody enters in the month of the first list: its inflow is the stock itself.
        if row and month == self.publication.first_month and columns[0] != "active_end":
            return Cell(None, "not_yet_known")
        return total(*(cell(row, column) for column in columns))

    def months(self) -> list[date]:
        """The months that charts show, in order."""
        return sorted({month for _, month in self.rows})[-_CHARTED_MONTHS:]


def headline(publication: Publication, month: date) -> Row:
    """Four figures with their change, and the sentence that says them."""
    flows, say = Flows(publication, month), publication.text
    before, year_ago = months_before(month, 1), months_before(month, _YEAR)

    def tile(label: str, unit: str, column: str) -> Row:
        now = flows.cell(unit, month, column)
        notes = [
            f"{signed(change.value)} {words}"
            for words, then in (("en un mois", before), ("en un an", year_ago))
            if (change := less(now, flows.cell(unit, then, column))).value is not None
        ]
        return {"label": label, "value": say(now), "note": " ; ".join(notes)}

    tiles = [
        tile("Personnes sans domicile", "person", "active_end"),
        tile("Ménages sans domicile", "household", "active_end"),
        tile("Personnes entrées", "person", "inflow"),
        tile("Personnes sorties", "person", "outflow"),
    ]
    return {"tiles": tiles, "sentence": _trend(flows)}


def _trend(flows: Flows) -> str:
    """The direction of twelve months in one sentence."""
    year_ago = months_before(flows.month, _YEAR)
    now, then = (flows.cell("person", month, "active_end") for month in (flows.month, year_ago))
    change, moved = less(now, then), ratio(less(now, then), then)
    if moved.value is None:
        return "La tendance ne se dit pas : moins d'un an de recul, ou l'un des deux chiffres n'est pas montré."
    base = flows.publication.parameters.get("rounding_base", 0)
    words = "presque inchangé" if abs(moved.value) < 2 or abs(change.value) <= base else "en hausse"
    words = "en baisse" if words == "en hausse" and change.value < 0 else words
    sums = []
    for column in ("inflow", "outflow"):
        cells = [flows.cell("person", months_before(flows.month, count), column) for count in range(_YEAR)]
        sums.append(total(*cells))
    text = (
        f"Sur douze mois, le nombre de personnes sans domicile est {words} : {number(then.value)} fin "
        f"{month_name(year_ago)}, {number(now.value)} fin {month_name(flows.month)} "
        f"({signed(moved.value, 1)} %)."
    )
    if all(one.value is not None for one in sums) and not base:
        text += f" Dans l'intervalle, {number(sums[0].value)} entrées et {number(sums[1].value)} sorties."
    return text


def changes(publication: Publication, month: date) -> Row:
    """The table of what changed: this month, the one before, a year ago, and the usual range."""
    flows, say = Flows(publication, month), publication.text
    before, year_ago = months_before(month, 1), months_before(month, _YEAR)
    rows = []
    for label, unit, columns in _CHANGES:
        now, last, then = (flows.cell(unit, one, *columns) for one in (month, before, year_ago))
        rows.append(
            [
                label,
                say(now),
                say(last),
                say(less(now, last), is_signed=True),
                say(then),
                _range(flows, unit, columns),
            ]
        )
    short = [month_name(one) for one in (month, before, year_ago)]
    return {"header": ["", short[0], short[1], "écart", short[2], "d'habitude"], "rows": rows}


def _range(flows: Flows, unit: str, columns: tuple[str, ...]) -> str:
    """The usual range of the months before, as facts have it."""
    cells = [flows.cell(unit, months_before(flows.month, count), *columns) for count in range(1, _CHARTED_MONTHS + 1)]
    past = [one.value for one in cells if one.value is not None]
    habit = usual(past, _REACH, max(1.0, float(flows.publication.parameters.get("rounding_base", 0))))
    if habit is None:
        return "moins d'un an de recul"
    return "de {} à {}".format(*(number(end) for end in habit.range(0, is_level=True)))


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
            if month >= row["reference_month"] > months_before(month, _CHARTED_MONTHS):
                value = share(row, f"over_{months}_months_share").value
                points.append(Point(month=row["reference_month"], series=f"Plus de {months} mois", value=value))
    return _chart("Part des personnes sans domicile depuis…", points, suffix=" %")


def durations(publication: Publication, month: date) -> list[str]:
    """For how long, one line a figure."""
    key = {"unit": "person", "segment_type": "total", "reference_month": month}
    row = next(iter(publication.table("ind_durations", **key)), None)
    if row is None:
        return ["Les durées de ce mois ne sont pas publiées."]
    say, said = publication.text, []
    for months in (6, 12, 24):
        count, part = cell(row, f"over_{months}_months_count"), share(row, f"over_{months}_months_share")
        percents = f" ({say(part)} %)" if part.value is not None else ""
        said.append(f"Sans domicile depuis plus de {months} mois : {say(count)} personnes{percents}.")
    median, low, high = (row.get(f"median_{name}days") for name in ("", "low_", "high_"))
    ends = f" (fourchette à 95 % : {number(low)} à {number(high)})" if low is not None and high is not None else ""
    unit = " jours" if median is not None else ""
    said.append(f"Durée médiane d'un épisode : {say(cell(row, 'median_days'))}{unit}{ends}.")
    said.append(
        "Les parts sont celles de qui est sans domicile aujourd'hui : les longues durées y pèsent plus, puisque les "
        "courtes sont déjà sorties."
    )
    return said


def movements(publication: Publication, month: date) -> Row:
    """Where the persons of the month come from and go to, against the mean of twelve months."""
    flows = Flows(publication, month)
    sides = (("inflow", "Personnes entrées dans le mois", 0), ("outflow", "Personnes sorties dans le mois", 1))
    return {name: _types(flows, name, title, style) for name, title, style in sides}


def _types(flows: Flows, name: str, title: str, style: int) -> Row:
    rows: list[Bar] = []
    for kind in flows.publication.table(f"voc_{name}", "position"):
        column = f"{name}_{kind['code']}"
        now = flows.cell("person", flows.month, column)
        past = [
            flows.cell("person", months_before(flows.month, count), column).value for count in range(1, _YEAR + 1)
        ]
        mean = sum(past) / _YEAR if None not in past else None
        # What never happens to persons (a first list, households that change) needs no empty line.
        if now.value or mean or now.value is None:
            rows.append(Bar(label=kind["label_fr"], value=now.value, text=flows.publication.text(now), mean=mean))
    said = ", ".join(f"{row['label'].lower()} {row['text']}" for row in rows)
    return {"title": title, "svg": bars(rows, style=style) if rows else None, "alt": f"{title} par type : {said}."}


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
