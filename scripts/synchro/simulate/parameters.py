"""What the simulated territory is like: every rate in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class IdentityErrors:
    """Share of written identities with each kind of error; names have two chances, the last and the first."""

    typo: float = 0.03
    typo_foreign: float = 0.05
    transliteration: float = 0.07
    swapped_names: float = 0.01
    double_name: float = 0.30
    married_name: float = 0.20
    nickname: float = 0.05
    missing_last_name: float = 0.06
    missing_birth_date: float = 0.06
    first_of_january: float = 0.12
    day_month_swapped: float = 0.01
    year_off_by_one: float = 0.01


@dataclass(frozen=True)
class Parameters:
    """Size, span and seed of the territory, and how its persons live and are seen."""

    persons: int = 900
    months: int = 24
    seed: int = 1
    start: str = "2024-01"
    # Long stays need time to settle before the first month.
    burn_in_days: int = 1500
    ghost_rate: float = 0.015
    duplicate_record_rate: float = 0.015
    # Share of persons whom operators hardly ever meet.
    hidden_rate: float = 0.04
    identity_errors: IdentityErrors = field(default_factory=IdentityErrors)

    @cached_property
    def month_edges(self) -> np.ndarray:
        """First day of each month and of the one after the last: months + 1 days since 1970-01-01."""
        months = np.datetime64(self.start, "M") + np.arange(self.months + 1)
        return months.astype("datetime64[D]").astype(np.int64)

    @property
    def first_day(self) -> int:
        return int(self.month_edges[0])

    @property
    def end_day(self) -> int:
        """The day after the last month."""
        return int(self.month_edges[-1])
