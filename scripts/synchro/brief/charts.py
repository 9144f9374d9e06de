"""The charts of the note, as SVG: Altair describes them, vl-convert draws them, no browser and no network.

A series is told by its dash, its point and its name as much as by its colour. Text is measured with a font that
vl-convert carries, and drawn by Typst with the font of the page, which is narrower.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

import altair as alt
import vl_convert

_VEGA_LITE = "6.4"
# Points of a chart as it is drawn; the page scales it to its column.
_WIDTH, _HEIGHT, _BAR = 270, 150, 18
_NAMED_MONTHS = 6
_MEASURED_FONT, _DRAWN_FONT = "Liberation Sans", "Libertinus Serif"
_INK, _GRID = "#33414e", "#d9e2ec"


@dataclass(frozen=True)
class Style:
    """How a series is drawn; the page repeats colour and dash beside its name. Colours: 4.5:1 against white."""

    colour: str
    dash: str
    dashes: list[int]
    shape: str


STYLES = (
    Style("#1f4e79", "solid", [1, 0], "circle"),
    Style("#b45309", "dashed", [6, 3], "square"),
    Style("#3f6212", "dotted", [2, 2], "triangle-up"),
)
_NUMBERS = {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"], "minus": "\u2212"}
_DATES = {
    "dateTime": "%A %e %B %Y à %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": [
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ],
    "shortMonths": [
        *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
        *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ],
}


class Point(TypedDict):
    """One value of one series; none breaks the line."""

    month: date
    series: str
    value: float | None


class Bar(TypedDict):
    """One bar: its label, its value as drawn and as written, and the mean it is compared with."""

    label: str
    value: float | None
    text: str
    mean: float | None


def lines(points: list[Point], *, suffix: str = "") -> str:
    """Series by month, from zero; at most three of them, in the order of `styles`."""
    names = list(dict.fromkeys(point["series"] for point in points))
    data = [{**point, "month": point["month"].isoformat()} for point in points]
    # From the last month backwards: the month of the note is always named.
    months = sorted({point["month"] for point in points})[::-1][::_NAMED_MONTHS][::-1]
    times = alt.Axis(title=None, format="%b %y", values=[_instant(one) for one in months], grid=False)
    values = alt.Axis(title=None, tickCount=5, labelExpr=f"format(datum.value, ',.0f') + '{suffix}'", domain=False)

    def by_name(channel: Any, values: list[Any]) -> Any:
        return channel("series:N", scale=alt.Scale(domain=names, range=values[: len(names)]), legend=None)

    base = alt.Chart(alt.Data(values=data)).encode(
        x=alt.X("month:T", scale=alt.Scale(type="utc"), axis=times),
        y=alt.Y("value:Q", axis=values, scale=alt.Scale(zero=True, nice=True)),
        color=by_name(alt.Color, [style.colour for style in STYLES]),
    )
    line = base.mark_line(strokeWidth=1.6).encode(strokeDash=by_name(alt.StrokeDash, [s.dashes for s in STYLES]))
    dots = base.mark_point(filled=True, size=16, opacity=1).encode(
        shape=by_name(alt.Shape, [s.shape for s in STYLES])
    )
    return _svg(alt.layer(line, dots).properties(width=_WIDTH, height=_HEIGHT))


def bars(rows: list[Bar], *, style: int = 0) -> str:
    """Horizontal bars in the order of the rows, each labelled with its figure; a tick marks the mean."""
    labels = [f"{row['label']} : {row['text']}" for row in rows]
    top = max([1.0, *(row[key] or 0.0 for row in rows for key in ("value", "mean"))])
    data = [
        {"label": label, "value": row["value"] or 0, "mean": row["mean"]}
        for label, row in zip(labels, rows, strict=True)
    ]
    names = alt.Axis(title=None, ticks=False, domain=False, labelLimit=180, labelFontSize=10)
    span = alt.Scale(domain=[0, top * 1.02])
    base = alt.Chart(alt.Data(values=data)).encode(y=alt.Y("label:N", sort=labels, axis=names))
    bar = base.mark_bar(color=STYLES[style].colour, height=9).encode(x=alt.X("value:Q", axis=None, scale=span))
    mark = base.mark_tick(color=_INK, thickness=2, size=15).encode(x=alt.X("mean:Q", axis=None, scale=span))
    return _svg(alt.layer(bar, mark).properties(width=_WIDTH, height=_BAR * len(rows)))


def _instant(day: date) -> float:
    """Midnight UTC, as JavaScript counts time: milliseconds since 1970."""
    return (day - date(1970, 1, 1)).days * 86_400_000.0


def _svg(chart: alt.LayerChart) -> str:
    # Every chart has the same width with its labels, and so the same size of text once on the page.
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    chart = chart.configure(font=_MEASURED_FONT, padding=2, autosize=fit).configure_view(stroke=None)
    chart = chart.configure_axis(
        labelFontSize=9,
        labelColor=_INK,
        labelOverlap=False,
        gridColor=_GRID,
        tickColor=_GRID,
        domainColor=_INK,
        labelPadding=4,
    )
    svg = vl_convert.vegalite_to_svg(
        chart.to_dict(),
        vl_version=_VEGA_LITE,
        format_locale=_NUMBERS,
        time_format_locale=_DATES,
        allowed_base_urls=[],
    )
    return svg.replace(_MEASURED_FONT, _DRAWN_FONT)
