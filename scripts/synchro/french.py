"""Numbers as French readers write them."""

from __future__ import annotations


def number(value: float, digits: int = 0) -> str:
    """Thousands apart, a comma before the decimals, a true minus sign."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",").replace("-", "\u2212")
