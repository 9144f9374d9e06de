"""The closed list of what may leave for the public (`seeds/publication/`): tables, columns, axes, relations."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from synchro.errors import SynchroError

Row = TypeVar("Row")

FOLDER = Path("seeds") / "publication"
ROLES = ("dimension", "label", "count", "share", "statistic", "estimate", "plain")
KINDS = ("row", "over", "cross", "balance", "same", "at_most")
TABLE_KINDS = ("figures", "refreshed", "reference")
MEASURES = ("count", "share", "statistic", "estimate", "plain")


@dataclass(frozen=True)
class Parameters:
    """The numbers of the rules; `seeds/publication/disclosure_parameters.csv` gives the reason of each."""

    rules_version: int
    threshold: int
    display_from: int
    rounding_base: int
    least_candidates: int
    largest_low_maximum: int
    quantile_side: int
    dominance_share: float


@dataclass(frozen=True)
class PublicTable:
    """`figures` are frozen once published, `refreshed` ones are worked out anew, `reference` ones are labels."""

    table_name: str
    kind: str
    entity: str
    why_fr: str


@dataclass(frozen=True)
class PublicColumn:
    """One column that may leave, and by which rule. Empty text where a rule does not apply."""

    table_name: str
    column_name: str
    role: str
    numerator: str
    denominator: str
    counted: str
    step: str
    scope: str
    zero_where: str
    entity: str
    same_within: str


@dataclass(frozen=True)
class Relation:
    """How cells hang together: what anybody may use to work one out from others.

    row: column = signed `terms` of the same row; over: the `total` of the dimensions `over` is the sum of the others;
    cross: a crossing adds up to the other axis; balance: column = column a month before + signed `terms`;
    same: it is another table's column; at_most: column <= `terms`.
    """

    relation: str
    kind: str
    table_name: str
    column_name: str
    terms: str
    over: str
    total: str
    other_table: str
    other_column: str
    other_where: str

    @property
    def signed_terms(self) -> list[tuple[int, str]]:
        """(+1 or -1, column) of each term."""
        return [(-1 if term.startswith("-") else 1, term.lstrip("+-")) for term in self.terms.split()]


@dataclass(frozen=True)
class Axis:
    """A segment type, crossed or not (empty), that a table shows for a unit."""

    table_name: str
    unit: str
    segment_type: str
    crossed_type: str


@dataclass(frozen=True)
class Domain:
    """Every code of a dimension: those of a table of codes (where `column=value`), and those listed."""

    domain: str
    code_table: str
    code_where: str
    more_codes: str


@dataclass(frozen=True)
class Specification:
    """Everything the control rests on."""

    parameters: Parameters
    tables: tuple[PublicTable, ...]
    columns: tuple[PublicColumn, ...]
    relations: tuple[Relation, ...]
    axes: tuple[Axis, ...]
    domains: tuple[Domain, ...]

    @cached_property
    def table_names(self) -> list[str]:
        return [table.table_name for table in self.tables]

    def table(self, name: str) -> PublicTable:
        """The rules of one table; raises StopIteration where it is not on the list."""
        return next(table for table in self.tables if table.table_name == name)

    def columns_of(self, table_name: str, *roles: str) -> list[PublicColumn]:
        """The columns of a table, of these roles (all without any), in the list's order."""
        return [
            column
            for column in self.columns
            if column.table_name == table_name and (not roles or column.role in roles)
        ]

    def dimensions(self, table_name: str) -> list[str]:
        return [column.column_name for column in self.columns_of(table_name, "dimension")]

    def to_public(self) -> dict[str, Any]:
        """What the dictionary of a publication says of the control: all a citizen may know of it."""
        return {
            "parameters": asdict(self.parameters),
            "tables": [asdict(table) for table in self.tables],
            "axes": [asdict(axis) for axis in self.axes],
            "columns": [
                {
                    "table": column.table_name,
                    "column": column.column_name,
                    **{name: getattr(column, name) for name in _FIELDS_OF_COLUMN},
                }
                for column in self.columns
            ],
            "relations": [
                {
                    "relation": relation.relation,
                    "kind": relation.kind,
                    "table": relation.table_name,
                    "column": relation.column_name,
                    **{name: getattr(relation, name) for name in _FIELDS_OF_RELATION},
                }
                for relation in self.relations
            ],
        }


_FIELDS_OF_COLUMN = ("role", "numerator", "denominator", "counted", "step", "scope", "zero_where")
_FIELDS_OF_RELATION = ("terms", "over", "total", "other_table", "other_column", "other_where")


def read_specification(project_dir: Path) -> Specification:
    """Read and check the seeds. Raises SynchroError PUBLIC_LIST: a seed is missing, or names what is not there."""
    folder = project_dir / FOLDER
    values = {row["parameter"]: row["value"] for row in _rows(folder / "disclosure_parameters.csv")}
    specification = Specification(
        parameters=_parameters(values, folder),
        tables=_all_of(PublicTable, folder / "public_tables.csv"),
        columns=_all_of(PublicColumn, folder / "public_columns.csv"),
        relations=_all_of(Relation, folder / "public_relations.csv"),
        axes=_all_of(Axis, folder / "public_axes.csv"),
        domains=_all_of(Domain, folder / "public_domains.csv"),
    )
    problems = sorted(set(_problems(specification)))
    if problems:
        raise SynchroError(
            "PUBLIC_LIST",
            "La liste de ce qui peut être publié se contredit : " + " ; ".join(problems),
            where=str(folder),
            todo="corriger la ligne, puis relancer",
        )
    return specification


def _parameters(values: dict[str, str], folder: Path) -> Parameters:
    try:
        return Parameters(
            **{
                field.name: float(values[field.name]) if field.type == "float" else int(values[field.name])
                for field in fields(Parameters)
            }
        )
    except (KeyError, ValueError) as error:
        raise SynchroError(
            "PUBLIC_LIST",
            "Un paramètre du secret statistique manque ou n'est pas un nombre",
            where=str(folder / "disclosure_parameters.csv"),
            todo=f"corriger la ligne {error}",
        ) from None


def _all_of(kind: type[Row], path: Path) -> tuple[Row, ...]:
    return tuple(kind(**row) for row in _rows(path))


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))
    except OSError:
        raise SynchroError(
            "PUBLIC_LIST", "La liste de ce qui peut être publié est introuvable", where=str(path), todo="la rétablir"
        ) from None


def _problems(specification: Specification) -> Iterable[str]:
    listed = {(column.table_name, column.column_name): column.role for column in specification.columns}
    for table in specification.tables:
        if table.kind not in TABLE_KINDS:
            yield f"nature inconnue de {table.table_name}"
    for column in specification.columns:
        where = f"{column.table_name}.{column.column_name}"
        if column.table_name not in specification.table_names:
            yield f"table hors liste : {column.table_name}"
        if column.column_name == "operator" and specification.columns_of(column.table_name, "count"):
            yield f"{column.table_name} compte des personnes par opérateur, et chaque opérateur connaît les siennes"
        if column.role not in ROLES:
            yield f"rôle inconnu de {where}"
        for name in filter(None, (column.numerator, column.denominator)):
            if (column.table_name, name) not in listed:
                yield f"{where} repose sur {name}, hors liste"
    for relation in specification.relations:
        if relation.kind not in KINDS:
            yield f"nature inconnue de la relation {relation.relation}"
        named = [(relation.table_name, relation.column_name)]
        named += [(relation.table_name, name) for _, name in relation.signed_terms]
        named += [(relation.other_table, relation.other_column)] if relation.other_table else []
        for table_name, name in named:
            if listed.get((table_name, name)) != "count":
                yield f"la relation {relation.relation} porte sur {table_name}.{name}, hors des effectifs publiés"
