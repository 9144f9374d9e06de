"""The harmonised entities, and which of them the columns of a file support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

# Entities of persons beside their records, and the day each stands on; an extract fills the one whose day is surest.
DAY_OF = {"stays": "entry_date", "requests": "request_date", "contacts": "contact_date"}
IDENTITIES = ("last_name", "first_name", "birth_name", "birth_date", "local_id", "household_id")
_CAPACITIES = {"situation", "places", "places_occupied"}
# Columns whose field goes by another name.
_FIELD_OF = {("requests", "status"): "request_status"}


@dataclass(frozen=True)
class Entity:
    """The contract of a harmonised entity: its columns (name -> SQL type), and those that a mapping translates."""

    name: str
    columns: dict[str, str]
    mapped: tuple[str, ...]

    def field_of(self, column: str) -> str:
        """The field of fields.csv that a column is filled from."""
        return _FIELD_OF.get((self.name, column), column)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(map(self.field_of, self.columns))


def read_entities(project_dir: Path) -> dict[str, Entity]:
    """Every entity, from `vars.mapped_fields` of dbt_project.yml and models/harmonised/<entity>/_<entity>.yml."""
    variables = yaml.safe_load((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    entities = {}
    for name, mapped in variables["mapped_fields"].items():
        path = project_dir / "models" / "harmonised" / name / f"_{name}.yml"
        models = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        columns = next(model["columns"] for model in models if model["name"] == f"hrm_{name}")
        types = {column["name"]: column["data_type"] for column in columns}
        entities[name] = Entity(name, types, tuple(mapped))
    return entities


def supported(found: Mapping[str, float]) -> tuple[str, ...]:
    """The entities that a file with these fields (field -> how sure) can fill, records first; () for none."""
    if set(IDENTITIES).isdisjoint(found):
        return ("capacities",) if _CAPACITIES.issubset(found) else ()
    dated = max(DAY_OF, key=lambda entity: found.get(DAY_OF[entity], 0.0))
    return ("records", dated) if DAY_OF[dated] in found else ("records",)
