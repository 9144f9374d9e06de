"""What dbt's own files say: which tables are for readers, what they mean, and whether the last build held."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synchro.errors import SynchroError

# Labels that pages need beside the vocabularies: names of operators and communes, order of age bands.
_LABEL_SEEDS = ("operators", "communes", "age_bands")
FAILED_STATUSES = ("error", "fail", "runtime error")
# An option of `dbt build` that leaves something out; each one stands in run_results.json under this name.
_PARTIAL_OPTIONS = (
    "select",
    "exclude",
    "selector",
    "resource_types",
    "empty",
    "sample",
)
_FRENCH_TERM = re.compile(r"\(fr: ([^)]+)\)")
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class ColumnDoc:
    """What the project says of a column. `pseudonym` is its meta: true, false, a kind of id, or nothing."""

    description: str = ""
    pseudonym: bool | str | None = None


@dataclass(frozen=True)
class TableDoc:
    """A table to publish: a mart, or a seed of labels."""

    name: str
    schema: str
    identifier: str
    unique_id: str
    description: str
    key: tuple[str, ...] = ()
    columns: dict[str, ColumnDoc] = field(default_factory=dict)

    @property
    def grain(self) -> str:
        """The first sentence of the description, where this project states the grain."""
        first, _, _ = self.description.partition(". ")
        return first.rstrip(".") + "." if first else ""


@dataclass(frozen=True)
class CheckResults:
    """How the tests of a build ended: their number by status, and the names of those that warned."""

    counts: dict[str, int]
    warned: list[str]


@dataclass(frozen=True)
class Artifacts:
    """The published tables in order of their names, and how they were built."""

    tables: list[TableDoc]
    dbt_version: str
    command_vars: dict[str, Any]
    checks: CheckResults


def french_term(description: str) -> str | None:
    """What readers call a thing that a description names: « (fr: mois) »."""
    term = _FRENCH_TERM.search(description)
    return term[1] if term else None


def read_artifacts(target_dir: Path) -> Artifacts:
    """Read `manifest.json` and `run_results.json` of one dbt target folder.

    Raises SynchroError: MANIFEST (missing or unreadable), BUILD_FAILED (no result, or a failed node),
    BUILD_PARTIAL (the last dbt command was not a build of the whole project), TABLE_NAME.
    """
    manifest = _read_json(target_dir / "manifest.json", "MANIFEST", "Le manifeste de dbt est introuvable")
    results = _read_json(
        target_dir / "run_results.json", "BUILD_FAILED", "Aucun résultat de construction dbt n'a été trouvé"
    )
    tables = _published_tables(manifest)
    _check_build(results, tables, target_dir)
    return Artifacts(
        tables=tables,
        dbt_version=str(manifest["metadata"]["dbt_version"]),
        command_vars=dict(results["args"].get("vars") or {}),
        checks=_check_results(results),
    )


def _read_json(path: Path, code: str, what: str) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SynchroError(code, what, where=str(path), todo="lancer « dbt build »") from None


def _published_tables(manifest: dict[str, Any]) -> list[TableDoc]:
    project = manifest["metadata"]["project_name"]
    nodes = [node for node in manifest["nodes"].values() if node["package_name"] == project]
    grains = _tested_grains(nodes)
    tables = [_table(node, grains) for node in nodes if _is_public_model(node) or _is_label_seed(node)]
    if not tables:
        raise SynchroError(
            "MANIFEST",
            "Le manifeste de dbt ne contient aucune table publiable",
            todo="vérifier que les modèles de models/marts ont « access: public »",
        )
    return sorted(tables, key=lambda table: table.name)


def _is_public_model(node: dict[str, Any]) -> bool:
    config = node["config"]
    return (
        node["resource_type"] == "model"
        and (config.get("access") or node.get("access")) == "public"
        and (config.get("meta") or {}).get("publish") is not False
    )


def _is_label_seed(node: dict[str, Any]) -> bool:
    return node["resource_type"] == "seed" and (node["name"].startswith("voc_") or node["name"] in _LABEL_SEEDS)


def _tested_grains(nodes: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The columns of each table's `unique_grain` test, by the table's unique id."""
    tests = [node for node in nodes if (node.get("test_metadata") or {}).get("name") == "unique_grain"]
    return {test["attached_node"]: tuple(test["test_metadata"]["kwargs"]["columns"]) for test in tests}


def _table(node: dict[str, Any], grains: dict[str, tuple[str, ...]]) -> TableDoc:
    if not _PLAIN_NAME.fullmatch(node["name"]):
        raise SynchroError(
            "TABLE_NAME",
            "Une table publiée porte un nom que le tableau de bord ne sait pas lire",
            where=node["name"],
            todo="n'utiliser que des minuscules sans accent, des chiffres et « _ »",
        )
    return TableDoc(
        name=node["name"],
        schema=node["schema"],
        identifier=node["alias"],
        unique_id=node["unique_id"],
        description=" ".join(node["description"].split()),
        key=_primary_key(node) or grains.get(node["unique_id"], ()),
        columns={name: _column(column) for name, column in node["columns"].items()},
    )


def _primary_key(node: dict[str, Any]) -> tuple[str, ...]:
    """The key as the contract or dbt's own tests declare it; a large table has a tested grain instead."""
    for constraint in node.get("constraints") or []:
        if constraint["type"] == "primary_key":
            return tuple(constraint["columns"])
    return tuple(node.get("primary_key") or ())


def _column(column: dict[str, Any]) -> ColumnDoc:
    meta = (column.get("config") or {}).get("meta") or column.get("meta") or {}
    return ColumnDoc(" ".join(column["description"].split()), meta.get("pseudonym"))


def _check_results(results: dict[str, Any]) -> CheckResults:
    tests = [result for result in results["results"] if result["unique_id"].startswith(("test.", "unit_test."))]
    counts = Counter(str(test["status"]) for test in tests)
    # The names only: how many rows made a test warn may be a count of persons.
    warned = {test["unique_id"].split(".")[2] for test in tests if test["status"] == "warn"}
    return CheckResults(dict(sorted(counts.items())), sorted(warned))


def _check_build(results: dict[str, Any], tables: list[TableDoc], target_dir: Path) -> None:
    rebuild = "corriger, puis relancer « dbt build » en entier ; la publication n'a pas changé"
    statuses = {result["unique_id"]: result["status"] for result in results["results"]}
    failed = sorted(node for node, status in statuses.items() if status in FAILED_STATUSES)
    if failed:
        # The node's name only: dbt's message may quote a failing value.
        names = ", ".join(node.split(".")[2] for node in failed[:8])
        raise SynchroError(
            "BUILD_FAILED",
            f"La dernière construction a échoué sur {len(failed)} élément(s) : {names}",
            where=str(target_dir / "run_results.json"),
            todo=rebuild,
        )
    arguments = results["args"]
    incomplete = arguments.get("which") != "build" or any(arguments.get(name) for name in _PARTIAL_OPTIONS)
    # Unit tests read rows of their own: a build without them has checked this month's data in full.
    incomplete = incomplete or bool(set(arguments.get("exclude_resource_types") or ()) - {"unit_test"})
    if incomplete or any(statuses.get(table.unique_id) != "success" for table in tables):
        raise SynchroError(
            "BUILD_PARTIAL",
            "La dernière commande dbt n'a pas construit et vérifié tout le projet",
            where=str(target_dir / "run_results.json"),
            todo="relancer « dbt build » sans sélection, puis publier",
        )
