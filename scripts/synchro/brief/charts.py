"""The charts of the note, as SVG: Altair describes them, vl-convert draws them, no browser and no network.

A series is told by its dash, its point and its name as much as by its colour. Text is measured with a font that
vl-convert carries, and drawn by Typst with the font of the page, which is narrower.
"""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

import altair as alt
import vl_convert

_VEGA_LITE = "6.4"
# Points of a chart as it is drawn; the page scales it to its column.
_WIDTH, _HEIGHT, _BAR = 270, 150, 18
_NAMED_MONTHS = 4
_MEASURED_FONT, _DRAWN_FONT = "Liberation Sans", "Libertinus Serif"
_INK, _GRID = "#33414e", "#d9e2ec"
# Each at 4.5:1 or more against white.
_COLOURS = ["#1f4e79", "#b45309", "#3f6212"]
_DASHES = [[1, 0], [6, 3], [2, 2]]
_SHAPES = ["circle", "square", "triangle-up"]
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
    """One bar: its label, its value, what is written at its end, and the mean it is compared with."""

    label: str
    value: float | None
    text: str
    mean: float | None


def lines(points: list[Point], *, suffix: str = "") -> str:
    """Series by month, from zero; at most three of them, named above the plot."""
    names = list(dict.fromkeys(point["series"] for point in points))
    data = [{**point, "month": point["month"].isoformat()} for point in points]
    known = [name for name in names if any(p["value"] is not None for p in points if p["series"] == name)]
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=350, columnPadding=14, offset=4)

    def scale(values: list[Any]) -> alt.Scale:
        return alt.Scale(domain=names, range=values[: len(names)])

    # From the last month backwards: the month of the note is always named.
    months = sorted({point["month"] for point in points})[::-1][::_NAMED_MONTHS][::-1]
    times = alt.Axis(title=None, format="%b %y", values=[_instant(one) for one in months], grid=False)
    values = alt.Axis(title=None, tickCount=5, labelExpr=f"format(datum.value, ',.0f') + '{suffix}'", domain=False)
    base = alt.Chart(alt.Data(values=[row for row in data if row["series"] in known])).encode(
        x=alt.X("month:T", scale=alt.Scale(type="utc"), axis=times),
        y=alt.Y("value:Q", axis=values, scale=alt.Scale(zero=True, nice=True)),
        color=alt.Color("series:N", scale=scale(_COLOURS), legend=legend),
    )
    line = base.mark_line(strokeWidth=1.6).encode(
        strokeDash=alt.StrokeDash("series:N", scale=scale(_DASHES), legend=legend)
    )
    dots = base.mark_point(filled=True, size=16, opacity=1).encode(
        shape=alt.Shape("series:N", scale=scale(_SHAPES), legend=None)
    )
    return _svg(alt.layer(line, dots).properties(width=_WIDTH, height=_HEIGHT))


def bars(rows: list[Bar], *, colour: int = 0) -> str:
    """Horizontal bars in the order of the rows; a tick marks the mean of the months before."""
    order = [row["label"] for row in rows]
    top = max([1.0, *(row[key] or 0.0 for row in rows for key in ("value", "mean"))])
    data = [{**row, "value": row["value"] or 0, "end": max(row["value"] or 0, row["mean"] or 0)} for row in rows]
    y = alt.Y("label:N", sort=order, axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=150))
    span = alt.Scale(domain=[0, top * 1.12])
    base = alt.Chart(alt.Data(values=data)).encode(y=y)
    bar = base.mark_bar(color=_COLOURS[colour], height=9).encode(x=alt.X("value:Q", axis=None, scale=span))
    mark = base.mark_tick(color=_INK, thickness=2, size=15).encode(x=alt.X("mean:Q", axis=None, scale=span))
    text = base.mark_text(align="left", dx=5, color=_INK).encode(
        x=alt.X("end:Q", axis=None, scale=span), text="text:N"
    )
    return _svg(alt.layer(bar, mark, text).properties(width=_WIDTH, height=_BAR * len(rows)))


def _instant(day: date) -> float:
    """Midnight UTC, as JavaScript counts time: milliseconds since 1970."""
    return (day - date(1970, 1, 1)).days * 86_400_000.0


def _svg(chart: alt.LayerChart) -> str:
    # Every chart has the same width with its labels, and so the same size of text once on the page.
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    chart = chart.configure(font=_MEASURED_FONT, padding=2, autosize=fit).configure_view(stroke=None)
    chart = chart.configure_axis(
        labelFontSize=9, labelColor=_INK, gridColor=_GRID, tickColor=_GRID, domainColor=_INK, labelPadding=4
    )
    chart = chart.configure_legend(labelFontSize=9.5, labelColor=_INK).configure_text(fontSize=9)
    svg = vl_convert.vegalite_to_svg(
        chart.to_dict(),
        vl_version=_VEGA_LITE,
        format_locale=_NUMBERS,
        time_format_locale=_DATES,
        allowed_base_urls=[],
    )
    return svg.replace(_MEASURED_FONT, _DRAWN_FONT)
