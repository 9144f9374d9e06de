"""A small project of made-up operators for the tests of landing: contracts, files, manifests, settings."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from synchro.settings import Settings

KEYS = {"territory": "testville", "k1": bytes(range(32)).hex(), "k2": bytes(range(32, 64)).hex()}
KEYS["publication"] = bytes(range(64, 96)).hex()


def column(name: str, header: str, role: str = "value", **meta: Any) -> dict[str, Any]:
    return {"name": name, "config": {"meta": {"header": header, "role": role, "purpose": "Tester", **meta}}}


IDENTITY = [
    column("nom", "Nom", "identity.last_name"),
    column("prenom", "Prénom", "identity.first_name"),
    column("date_naissance", "Né(e) le", "identity.birth_date", type="date", format="%d/%m/%Y"),
]
VISITS = [
    column("ref", "Réf", "record.local_id", required=True),
    *IDENTITY,
    column("date_visite", "Date", type="date", format="%d/%m/%Y", required=True),
    column("situation", "Situation", vocabulary="situation", aliases=["Situation actuelle"]),
    column("structure", "Structure", code=True),
    column("places", "Places", type="integer"),
    column("notes", "Notes", "ignored"),
]
HEADER = "Réf;Nom;Prénom;Né(e) le;Date;Situation;Structure;Places;Notes"


def table(name: str, file: str, columns: list[dict[str, Any]], **meta: Any) -> dict[str, Any]:
    defaults = {
        "file": file,
        "format": {"type": "csv", "encoding": "utf-8", "delimiter": ";"},
        "scope": "events",
        "due_day": 10,
        "purpose": "Tester",
        "retention_months": 24,
    }
    return {"name": name, "config": {"meta": defaults | meta}, "columns": columns}


def visits_table(**meta: Any) -> dict[str, Any]:
    return table("visits", meta.pop("file", "visits_{yyyy}-{mm}{version}.csv"), VISITS, **meta)


def write_contract(
    project: Path, operator: str, tables: list[dict[str, Any]], name: str | None = None, **meta: Any
) -> Path:
    source = {
        "name": name or operator,
        "database": "synchro",
        "schema": f"raw_{operator}",
        "config": {"meta": {"label": f"Opérateur {operator}"} | meta},
        "tables": tables,
    }
    path = project / "models" / "staging" / operator / f"_{operator}__sources.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"sources": [source]}, allow_unicode=True), encoding="utf-8")
    return path


def write_project(folder: Path, **variables: Any) -> Settings:
    """A project with one operator, `alpha`, one extract, `visits`, and fixed keys."""
    project = folder / "project"
    (project / "seeds" / "mappings").mkdir(parents=True)
    variables = {"territory": "testville", "aipd_reference": None} | variables
    (project / "dbt_project.yml").write_text(yaml.safe_dump({"vars": variables}), encoding="utf-8")
    (project / "seeds/mappings/map_situation.csv").write_text(
        "operator,source_value,situation,note\nalpha,a la rue,street,\nalpha,chez martin,third_party,\n",
        encoding="utf-8",
    )
    write_contract(project, "alpha", [visits_table()])
    settings = settings_of(folder, project)
    write_keys(settings.keys)
    return settings


def settings_of(folder: Path, project: Path) -> Settings:
    """An installation in a folder, its folders made."""
    settings = Settings.in_folder(folder, project)
    for path in (settings.warehouse, settings.keys):
        path.parent.mkdir(exist_ok=True)
    return settings


def write_keys(path: Path, **changes: Any) -> Path:
    path.write_text(json.dumps(KEYS | changes), encoding="utf-8")
    path.chmod(0o600)
    return path


def deliver(
    inbox: Path,
    name: str,
    content: str | bytes,
    received_at: str | None = "2024-04-09T08:30:00",
    folder: str = "alpha",
    **changes: Any,
) -> Path:
    """Write a file and its manifest; `manifest=False` leaves the manifest out, other changes go into it."""
    content = content.encode() if isinstance(content, str) else content
    path = inbox / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if changes.pop("manifest", True):
        digits = "".join(sign for sign in name if sign.isdigit())
        manifest = {
            "schema_version": 1,
            "operator": "alpha",
            "extract": "visits",
            "reference_month": f"{digits[:4]}-{digits[4:6]}",
            "received_at": received_at,
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": max(content.count(b"\n") - 1, 0),
            "synthetic": True,
        }
        path.with_name(f"{name}.manifest.json").write_text(json.dumps(manifest | changes), encoding="utf-8")
    return path


def lines(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
