"""The SQL of the linkage models as dbt compiles it, to be run on any records without a warehouse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from synchro.build import run_dbt
from synchro.settings import Settings
from synchro.warehouse import quoted

# What the models are given, and the last of them.
RECORDS, PERSONS = "lnk_records", "lnk_person_records"


@dataclass(frozen=True)
class Relation:
    """A table that the models read or make: its qualified name, and its columns with their types."""

    database: str
    schema: str
    name: str
    columns: dict[str, str]

    @property
    def full_name(self) -> str:
        return quoted(self.database, self.schema, self.name)


@dataclass(frozen=True)
class Program:
    """Models in the order in which they run, with their SQL; seeds with their files; other tables, left empty.

    views: the models that dbt makes views of.
    """

    models: dict[str, str]
    relations: dict[str, Relation]
    seeds: dict[str, str]
    views: list[str]

    @property
    def given(self) -> list[str]:
        """Names of the tables that exist before any model runs."""
        return [name for name in self.relations if name not in self.models]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Program:
        content = json.loads(text)
        relations = {name: Relation(**relation) for name, relation in content["relations"].items()}
        return cls(content["models"], relations, content["seeds"], content["views"])


def compile_program(folder: Path, variables: Mapping[str, Any] | None = None) -> Program:
    """Compile the linkage models with these `vars`; dbt writes in `folder` only."""
    settings = Settings.in_folder(folder)
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    options = ["--select", f"+{PERSONS}", "--vars", yaml.safe_dump(dict(variables or {}))]
    run_dbt(settings, ["compile", *options], target_dir=folder / "target")
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    return read_program(manifest, settings.project_dir)


def read_program(manifest: dict[str, Any], project_dir: Path) -> Program:
    """The linked models from what reads lnk_records to lnk_person_records, parents first."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    models: dict[str, str] = {}
    relations: dict[str, Relation] = {}
    seeds: dict[str, str] = {}
    views: list[str] = []

    def visit(node: dict[str, Any]) -> None:
        name = node["name"]
        if name in relations:
            return
        is_linkage = node["resource_type"] == "model" and node["schema"] == "linked" and name != RECORDS
        for parent in node["depends_on"]["nodes"] if is_linkage else ():
            visit(nodes[parent])
        relations[name] = _relation(node)
        if is_linkage:
            models[name] = node["compiled_code"]
            if node["config"]["materialized"] == "view":
                views.append(name)
        elif node["resource_type"] == "seed":
            seeds[name] = str(project_dir / node["original_file_path"])

    visit(next(node for node in nodes.values() if node["name"] == PERSONS))
    return Program(models, relations, seeds, views)


def _relation(node: dict[str, Any]) -> Relation:
    columns = {name: column["data_type"] for name, column in node["columns"].items() if column["data_type"]}
    columns |= node.get("config", {}).get("column_types") or {}
    return Relation(node["database"], node["schema"], node.get("alias") or node["name"], columns)
