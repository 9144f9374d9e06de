"""Numbers, months and spaces as French readers write them."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

_BEFORE_COLON = re.compile(r" ([:»€])")
_BEFORE_SIGN = re.compile(r" ([;?!%])")


def number(value: float, digits: int = 0) -> str:
    """Thousands apart, a comma before the decimals, a true minus sign."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",").replace("-", "\u2212")


def month_name(month: date) -> str:
    """The month of a day in words, as in « mars 2024 »."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def spaced(text: str) -> str:
    """The text with its apostrophes, and spaces that do not break before a sign or inside quotes."""
    text = _BEFORE_SIGN.sub("\u202f\\1", _BEFORE_COLON.sub("\u00a0\\1", text))
    return text.replace("« ", "«\u00a0").replace("'", "’")
