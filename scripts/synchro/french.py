"""Numbers and months as French readers write them."""

from __future__ import annotations

from datetime import date

_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def number(value: float, digits: int = 0) -> str:
    """Thousands apart, a comma before the decimals, a true minus sign."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",").replace("-", "\u2212")


def month_name(month: date) -> str:
    """The month of a day in words, as in « mars 2024 »."""
    return f"{_MONTHS[month.month - 1]} {month.year}"
