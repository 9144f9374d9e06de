"""Dominance: an operator that knows nearly everyone in a cell knows, by subtraction, about the few others."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from synchro.disclosure.specification import Specification


def dominance_warnings(tables: Mapping[str, pd.DataFrame], specification: Specification) -> list[str]:
    return []
