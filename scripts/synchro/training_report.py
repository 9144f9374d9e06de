"""The report of a training, as one HTML page that needs nothing else: weights, what changed, histogram."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from synchro.french import number
from synchro.review import COMPARISONS

if TYPE_CHECKING:
    from synchro.training import LinkModel

# A weight that moved by more than this many bits is pointed out.
NOTABLE_BITS = 2.0
_BAR_PIXELS_PER_BIT = 7
_BAR_CENTRE, _BAR_WIDTH = 60, 190
_HISTOGRAM_WIDTH, _HISTOGRAM_HEIGHT = 960, 180
_APART, _TOGETHER = "#b0502f", "#2f6fb0"
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .15rem .6rem }
thead th { vertical-align: bottom; border-bottom: 2px solid #8a93a6 } tr { border-bottom: 1px solid #dde1ea }
tbody th { vertical-align: top } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
td.bar { padding: 0; min-width: 190px } svg { display: block; overflow: visible; max-width: 100% }
text { font-size: 13px; fill: #1d2433 }
.notable { background: #fff3d6 }
@media print { body { margin: 0; font-size: 11px } thead { display: table-header-group } tr { break-inside: avoid } }
"""


def write_report(
    path: Path,
    model: LinkModel,
    before: pd.DataFrame,
    version: int,
    labels: pd.DataFrame,
    thresholds: Sequence[float],
) -> None:
    """One page in French.

    before: the weights that were in force, same columns as `model.weights`. labels: seed level_labels.
    thresholds: the probabilities from which a pair is reviewed, then linked.
    """
    keys = ["comparison", "comparison_level"]
    both = model.weights.merge(before, on=keys, how="left", suffixes=("", "_before")).merge(labels, on=keys)
    both["bits"] = np.log2(both["m_probability"] / both["u_probability"])
    both["bits_before"] = np.log2(both["m_probability_before"] / both["u_probability_before"])
    both["is_notable"] = (both["bits"] - both["bits_before"]).abs() > NOTABLE_BITS
    groups = [(COMPARISONS[name], rows) for name, rows in both.groupby("comparison", sort=False)]
    rows = "\n".join(_rows(name, levels.to_dict("records")) for name, levels in groups)
    review, link = thresholds
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""<!doctype html>
<html lang="fr"><meta charset="utf-8"><title>Poids du rapprochement, version {version}</title>
<style>{_STYLE}</style>
<h1>Poids du rapprochement, version {version}</h1>
<p>Appris sur {number(model.record_count, 0)} fiches, sans étiquette (graine {model.seed}). Une fiche a en moyenne
<strong>{number(model.matches_per_record, 2)}</strong> autre(s) fiche(s) de la même personne.
{_changes(int(both["is_notable"].sum()))}</p>
<h2>Poids de chaque accord</h2>
<p>Comparer deux fiches sur un champ donne un niveau d’accord. Son poids est grand quand ce niveau est fréquent entre
deux fiches d’une <em>même personne</em> (m) et rare entre deux fiches de <em>personnes différentes</em> (u) :
poids = log₂(m / u), en bits. Un poids positif rapproche deux fiches, un poids négatif les sépare ; un bit de plus
double les chances. Un champ absent d’une des fiches ne pèse rien.</p>
<table><thead><tr><th>comparaison</th><th>niveau d’accord</th><th class="n">même personne (m)</th>
<th class="n">personnes différentes (u)</th><th class="n">poids avant</th><th class="n">poids</th>
<th><span style="color:{_APART}">sépare</span> · <span style="color:{_TOGETHER}">rapproche</span></th></tr></thead>
<tbody>
{rows}
</tbody></table>
<h2>Paires comparées, selon leur poids total</h2>
<p>Poids total d’une paire : la somme des poids de ses niveaux et de la chance de départ, que deux fiches prises au
hasard soient d’une même personne ; la rareté des noms n’y est pas comprise. À 0 bit, une chance sur deux. Deux bosses
bien séparées sont bon signe : à gauche deux personnes, à droite une seule. Entre les deux traits, les paires à
relire : de {number(100 * review)} % de chances (« synchro review ») à {number(100 * link)} % (liées).</p>
{_histogram(model.histogram, [log2(chance / (1 - chance)) for chance in thresholds])}
</html>
""",
        encoding="utf-8",
    )


def _changes(notable: int) -> str:
    """How many weights moved, in a sentence."""
    bits = f"plus de {number(NOTABLE_BITS, 0)} bits"
    if not notable:
        return f"Aucun poids n’a changé de {bits}."
    return f"{notable} poids {'ont' if notable > 1 else 'a'} changé de {bits} : surligné{'s' * (notable > 1)}."


def _rows(comparison: str, levels: list[dict]) -> str:
    """The levels of one comparison, its name before the first."""
    name = f'<th rowspan="{len(levels)}">{escape(comparison)}</th>'
    return "\n".join(_row(level, name if place == 0 else "") for place, level in enumerate(levels))


def _row(row: dict, name: str) -> str:
    bits = row["bits"]
    width = abs(bits) * _BAR_PIXELS_PER_BIT
    colour, start = (_TOGETHER, _BAR_CENTRE) if bits >= 0 else (_APART, _BAR_CENTRE - width)
    bar = (
        f'<svg width="{_BAR_WIDTH}" height="18" role="img" aria-label="{_bits(bits)} bits">'
        f'<rect x="{start:.0f}" y="3" width="{width:.0f}" height="12" fill="{colour}"/>'
        f'<rect x="{_BAR_CENTRE}" width="1" height="18" fill="#8a93a6"/></svg>'
    )
    before = "–" if np.isnan(row["bits_before"]) else _bits(row["bits_before"])
    notable = ' class="notable"' if row["is_notable"] else ""
    return (
        f"<tr{notable}>{name}<td>{escape(row['label_fr'])}</td>"
        f'<td class="n">{_share(row["m_probability"])}</td><td class="n">{_share(row["u_probability"])}</td>'
        f'<td class="n">{before}</td><td class="n"><strong>{_bits(bits)}</strong></td><td class="bar">{bar}</td></tr>'
    )


def _bits(bits: float) -> str:
    """One decimal; what rounds to nought has no sign."""
    return number(round(bits, 1) + 0.0, 1)


def _share(share: float) -> str:
    """A probability in %, with two figures that count."""
    decimals = max(0, 1 - int(np.floor(np.log10(100 * share))))
    return f"{number(100 * share, decimals)}\u202f%"


def _histogram(histogram: pd.Series, thresholds: Sequence[float]) -> str:
    """Bars on a square-root scale, so that the few matches show beside the many non-matches."""
    bits = range(int(histogram.index.min()), int(histogram.index.max()) + 1)
    heights = np.sqrt(histogram.reindex(bits, fill_value=0) / histogram.max()) * _HISTOGRAM_HEIGHT
    step = _HISTOGRAM_WIDTH / len(bits)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{_HISTOGRAM_HEIGHT - height:.1f}" width="{max(step - 1, 1):.1f}" '
        f'height="{height:.1f}" fill="{_TOGETHER if bit >= 0 else _APART}"><title>{number(bit)} à {number(bit + 1)} '
        f"bits : {number(histogram.get(bit, 0))} paire(s)</title></rect>"
        for place, (bit, height) in enumerate(zip(bits, heights, strict=True))
    )
    labels = "".join(
        f'<text x="{place * step:.1f}" y="{_HISTOGRAM_HEIGHT + 17}" text-anchor="middle">{number(bit)}</text>'
        for place, bit in enumerate(bits)
        if bit % 10 == 0
    )
    lines = "".join(
        f'<line x1="{(threshold - bits[0]) * step:.1f}" x2="{(threshold - bits[0]) * step:.1f}" '
        f'y2="{_HISTOGRAM_HEIGHT}" stroke="#1d2433" stroke-dasharray="4 3"/>'
        for threshold in thresholds
    )
    middle, bottom = _HISTOGRAM_WIDTH / 2, _HISTOGRAM_HEIGHT + 36
    axis = f'<text x="{middle}" y="{bottom}" text-anchor="middle">poids total, en bits</text>'
    caption = f"Nombre de paires (racine carrée) ; la plus haute barre : {number(histogram.max())} paires."
    label = "Histogramme des poids des paires comparées, échelle en racine carrée"
    return (
        f'<svg width="{_HISTOGRAM_WIDTH}" height="{_HISTOGRAM_HEIGHT + 44}" role="img" aria-label="{label}">'
        f"{bars}{lines}{labels}{axis}</svg>\n<p>{caption}</p>"
    )
