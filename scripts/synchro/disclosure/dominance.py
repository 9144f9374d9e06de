"""Dominance: an operator that knows nearly everyone in a cell learns, by subtraction, about the few others."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from synchro.disclosure.specification import Parameters
from synchro.french import number


def dominance_warnings(tables: Mapping[str, pd.DataFrame], parameters: Parameters) -> list[str]:
    """What to look at before publishing, from dq_dominance (persons by month and segment); [] where it is absent.

    A rule on the share alone (Insee: one contributor of at most 85 %) and one on who is left: one to ten persons.
    """
    if "dq_dominance" not in tables:
        return []
    cells = tables["dq_dominance"]
    shown = cells[cells["person_count"] >= parameters.display_from]
    few_left = shown["others_count"].between(1, parameters.threshold - 1)
    dominated = shown[few_left | (shown["largest_share"] > parameters.dominance_share)]
    if dominated.empty:
        return []
    operators = ", ".join(sorted(dominated["largest_operator"].unique()))
    return [
        f"{number(len(dominated))} effectif(s) montré(s) dont un opérateur connaît presque toutes les personnes "
        f"(dq_dominance) : {operators}"
    ]
