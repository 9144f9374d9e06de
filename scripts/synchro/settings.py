"""Where everything is: one place for paths, each with an environment variable and a default."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml


def find_project(start: Path | None = None) -> Path:
    """The folder of dbt_project.yml: SYNCHRO_PROJECT, else the nearest one upwards, else this package's."""
    if "SYNCHRO_PROJECT" in os.environ:
        return Path(os.environ["SYNCHRO_PROJECT"]).resolve()
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "dbt_project.yml").is_file():
            return folder
    return Path(__file__).resolve().parents[2]


_DEFAULTS = {
    "warehouse": "warehouse/synchro.duckdb",
    "vault": "warehouse/vault.duckdb",
    "keys": "keys/synchro.json",
    "tombstones": "warehouse/effacements.csv",
    "receipts": "receipts",
    "published": "published",
}


@dataclass(frozen=True)
class Settings:
    """Paths of one installation; relative defaults are taken from the project folder."""

    project_dir: Path
    warehouse: Path
    vault: Path
    keys: Path
    tombstones: Path
    receipts: Path
    published: Path

    @classmethod
    def from_environment(cls, project_dir: Path | None = None) -> Settings:
        project = project_dir or find_project()

        def path(name: str, default: str) -> Path:
            return (project / os.environ.get(f"SYNCHRO_{name.upper()}", default)).resolve()

        return cls(project, **{name: path(name, default) for name, default in _DEFAULTS.items()})

    @classmethod
    def in_folder(cls, folder: Path, project_dir: Path | None = None) -> Settings:
        """An installation of its own in a folder, on this project's models and contracts."""
        return cls(project_dir or find_project(), **{name: folder / default for name, default in _DEFAULTS.items()})

    @property
    def target(self) -> Path:
        """Where dbt writes its manifest and results (dbt's own DBT_TARGET_PATH)."""
        return self.project_dir / os.environ.get("DBT_TARGET_PATH", "target")

    @cached_property
    def variables(self) -> dict[str, Any]:
        """The `vars` of dbt_project.yml: a territory's parameters, stated once for dbt and for Python."""
        text = (self.project_dir / "dbt_project.yml").read_text(encoding="utf-8")
        return dict(yaml.safe_load(text).get("vars") or {})
