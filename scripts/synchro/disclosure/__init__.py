"""Disclosure control: what each audience may see of the marts, and why a cell is empty.

`disclose` is the only door: closed list, complete rows, threshold, rounding, complementary suppression, statuses.
"""

from __future__ import annotations

from synchro.disclosure.disclosing import Disclosed, disclose

__all__ = ["Disclosed", "disclose"]
