"""The report of a training, as one HTML page that needs nothing else: weights, what changed, histogram."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from synchro.french import number

if TYPE_CHECKING:
    from synchro.training import LinkModel

# A weight that moved by more than this many bits is pointed out.
NOTABLE_BITS = 2.0
_BAR_PIXELS_PER_BIT = 8
_HISTOGRAM_HEIGHT = 160
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .2rem .6rem }
tr { border-bottom: 1px solid #dde1ea } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.notable { background: #fff3d6 }
"""


def write_report(path: Path, model: LinkModel, before: pd.DataFrame, version: int) -> None:
    """One page in French. before: the weights that were in force, same columns as `model.weights`."""
    keys = ["comparison", "comparison_level"]
    both = model.weights.merge(before, on=keys, how="left", suffixes=("", "_before"))
    both["bits"] = np.log2(both["m_probability"] / both["u_probability"])
    both["bits_before"] = np.log2(both["m_probability_before"] / both["u_probability_before"])
    both["change"] = both["bits"] - both["bits_before"]
    notable = int((both["change"].abs() > NOTABLE_BITS).sum())
    rows = "\n".join(_row(row) for row in both.to_dict("records"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""<!doctype html>
<html lang="fr"><meta charset="utf-8"><title>Poids du rapprochement, version {version}</title>
<style>{_STYLE}</style>
<h1>Poids du rapprochement, version {version}</h1>
<p>Appris sur {number(model.record_count, 0)} fiches, sans étiquette (graine {model.seed}). Une fiche a en moyenne
<strong>{number(model.matches_per_record, 2)}</strong> autre(s) fiche(s) de la même personne.
{notable} poids ont changé de plus de {number(NOTABLE_BITS, 0)} bits : ils sont surlignés.</p>
<h2>Poids de chaque accord</h2>
<p>Un poids positif rapproche deux fiches, un poids négatif les sépare ; un bit double les chances ou les divise par
deux.</p>
<table><thead><tr><th>comparaison</th><th>niveau</th><th class="n">m</th><th class="n">u</th><th class="n">poids</th>
<th></th><th class="n">avant</th></tr></thead><tbody>
{rows}
</tbody></table>
<h2>Paires comparées, selon leur poids total</h2>
<p>Fréquence des noms non comprise. Deux bosses bien séparées sont bon signe : à gauche deux personnes, à droite
une seule. Entre les deux, les paires à relire.</p>
{_histogram(model.histogram)}
</html>
""",
        encoding="utf-8",
    )


def _row(row: dict) -> str:
    bits, change = row["bits"], row["change"]
    width = abs(bits) * _BAR_PIXELS_PER_BIT
    colour, start = ("#2f6fb0", 120.0) if bits >= 0 else ("#b0502f", 120.0 - width)
    bar = (
        f'<svg width="360" height="12" role="img" aria-label="{number(bits, 1)} bits">'
        f'<rect x="{start:.0f}" y="1" width="{width:.0f}" height="10" fill="{colour}"/></svg>'
    )
    before = "" if np.isnan(row["bits_before"]) else number(row["bits_before"], 1)
    notable = ' class="notable"' if abs(change) > NOTABLE_BITS else ""
    return (
        f"<tr{notable}><td>{escape(row['comparison'])}</td><td>{escape(row['comparison_level'])}</td>"
        f'<td class="n">{row["m_probability"]:.2g}</td><td class="n">{row["u_probability"]:.2g}</td>'
        f'<td class="n">{number(bits, 1)}</td><td>{bar}</td><td class="n">{before}</td></tr>'
    )


def _histogram(histogram: pd.Series) -> str:
    """Bars on a square-root scale, so that the few matches show beside the many non-matches."""
    bits = range(int(histogram.index.min()), int(histogram.index.max()) + 1)
    heights = np.sqrt(histogram.reindex(bits, fill_value=0) / histogram.max()) * _HISTOGRAM_HEIGHT
    step = max(4, 840 // len(bits))
    bars = "".join(
        f'<rect x="{position * step}" y="{_HISTOGRAM_HEIGHT - height:.0f}" width="{step - 1}" height="{height:.0f}" '
        f'fill="{"#2f6fb0" if bit >= 0 else "#9aa4b8"}"><title>{bit} bits : {number(histogram.get(bit, 0), 0)} '
        "paire(s)</title></rect>"
        for position, (bit, height) in enumerate(zip(bits, heights, strict=True))
    )
    labels = "".join(
        f'<text x="{position * step}" y="{_HISTOGRAM_HEIGHT + 16}" font-size="12">{bit}</text>'
        for position, bit in enumerate(bits)
        if bit % 10 == 0
    )
    width = len(bits) * step + 30
    label = "Histogramme des poids des paires comparées, échelle en racine carrée"
    return (
        f'<svg width="{width}" height="{_HISTOGRAM_HEIGHT + 24}" role="img" aria-label="{label}">{bars}{labels}</svg>'
    )
