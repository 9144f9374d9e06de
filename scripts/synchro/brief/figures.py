"""What happened, in figures: stock, inflow and outflow of the month, what changed since when, for how long."""

from __future__ import annotations

from datetime import date

from synchro.brief.publication import Cell, Publication, Row, cell, less, ratio, share, signed, total
from synchro.brief.series import WINDOW_MONTHS, months_before, months_between, usual
from synchro.french import month_name, number

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
_REACH = 2.0
# Younger, a list knows little of those who lost their home before it began.
_OLD_LIST = 36
YEAR = 12


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
        return sorted({month for _, month in self.rows})[-WINDOW_MONTHS:]


def headline(publication: Publication, month: date) -> Row:
    """Four figures with their change, and the sentence that says them."""
    flows, say = Flows(publication, month), publication.text
    before, year_ago = months_before(month, 1), months_before(month, YEAR)

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
    year_ago = months_before(flows.month, YEAR)
    now, then = (flows.cell("person", month, "active_end") for month in (flows.month, year_ago))
    change, moved = less(now, then), ratio(less(now, then), then)
    if moved.value is None:
        return "La tendance ne se dit pas : moins d'un an de recul, ou l'un des deux chiffres n'est pas montré."
    base = flows.publication.parameters.get("rounding_base", 0)
    words = "presque inchangé" if abs(moved.value) < 2 or abs(change.value) <= base else "en hausse"
    words = "en baisse" if words == "en hausse" and change.value < 0 else words
    sums = []
    for column in ("inflow", "outflow"):
        cells = [flows.cell("person", months_before(flows.month, count), column) for count in range(YEAR)]
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
    before, year_ago = months_before(month, 1), months_before(month, YEAR)
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
    cells = [flows.cell(unit, months_before(flows.month, count), *columns) for count in range(1, WINDOW_MONTHS + 1)]
    past = [one.value for one in cells if one.value is not None]
    habit = usual(past, _REACH, max(1.0, float(flows.publication.parameters.get("rounding_base", 0))))
    if habit is None:
        return "moins d'un an de recul"
    return "de {} à {}".format(*(number(end) for end in habit.range(0, is_level=True)))


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
        unit = " personnes" if count.value is not None else ""
        said.append(f"Sans domicile depuis plus de {months} mois : {say(count)}{unit}{percents}.")
    median, low, high = (row.get(f"median_{name}days") for name in ("", "low_", "high_"))
    ends = f" (fourchette à 95 % : {number(low)} à {number(high)})" if low is not None and high is not None else ""
    unit = " jours" if median is not None else ""
    said.append(f"Durée médiane d'un épisode : {say(cell(row, 'median_days'))}{unit}{ends}.")
    said.append(
        "Les parts sont celles de qui est sans domicile aujourd'hui : les longues durées y pèsent plus, puisque les "
        "courtes sont déjà sorties."
    )
    age = months_between(publication.first_month, month)
    if age < _OLD_LIST:
        said.append(
            f"La liste n'a que {age} mois : les durées d'avant n'y sont connues qu'en partie, et les parts montent "
            "d'abord pour cela."
        )
    return said
