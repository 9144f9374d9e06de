"""The rules that choose what a committee should discuss: seeds/steering/brief_rules.csv and brief_caveats.csv."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError, field_validator

from synchro.errors import SynchroError

_FOLDER = Path("seeds") / "steering"


class _Line(BaseModel):
    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value


class Rule(_Line):
    """One row per rule: which series it watches, when one of them is worth a fact, and how the fact is told.

    A rule without `least_z` holds as soon as its value reaches `least_value`; one with it, when the value leaves its
    usual range (median ± least_z times the spread). Texts are templates; see `facts.told`.
    """

    rule: str
    position: int
    kind: Literal["movement", "opportunity", "data"]
    story: str
    audience: Literal["both", "internal"]
    source: str
    measure: str
    condition: str | None = None
    segments: str | None = None
    basis: Literal["level", "change"]
    direction: Literal["up", "down", "both"]
    least_value: float
    least_z: float | None = None
    least_spread: float | None = None
    weight: float
    digits: int
    title_fr: str
    usual_fr: str
    caveat_fr: str

    @property
    def columns(self) -> list[str]:
        """The columns that tell the series of the rule apart."""
        return [name.strip() for name in self.segments.split(",")] if self.segments else []


class Caveat(_Line):
    """One row per reason to be careful, with the kinds of facts it is for; its condition is in `caveats`."""

    caveat: str
    position: int
    kinds: str
    threshold: float
    text_fr: str


_LineType = TypeVar("_LineType", bound=_Line)


def load_rules(project_dir: Path) -> list[Rule]:
    """Every rule, in order. Raises SynchroError BRIEF_RULES."""
    return sorted(_read(project_dir / _FOLDER / "brief_rules.csv", Rule), key=lambda rule: rule.position)


def load_caveats(project_dir: Path) -> list[Caveat]:
    """Every caveat, in the order they are tried. Raises SynchroError BRIEF_RULES."""
    return sorted(_read(project_dir / _FOLDER / "brief_caveats.csv", Caveat), key=lambda caveat: caveat.position)


def _read(path: Path, model: type[_LineType]) -> list[_LineType]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [model.model_validate(row) for row in csv.DictReader(file)]
    except OSError:
        raise SynchroError("BRIEF_RULES", "Les règles de la note sont illisibles", str(path)) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{path}, colonne {'.'.join(str(part) for part in first['loc'])}"
        raise SynchroError("BRIEF_RULES", "Une règle de la note est mal écrite", where, "la corriger") from None
