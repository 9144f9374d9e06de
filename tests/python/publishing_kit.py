"""A small warehouse with the artefacts of its build, to publish from in a moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from synchro.disclosure import Disclosed
from synchro.publish import Publication, publish
from synchro.settings import Settings

PERSONS = [hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest() for number in range(5)]
PUBLICATION_KEY = bytes(range(64, 96))

TABLES = {
    "compiled.compiled_list": f"""
        select
            unnest({PERSONS[:3]}) as person_id,
            unnest([{PERSONS[3]!r}, {PERSONS[4]!r}, null]) as household_record_id,
            date '2024-03-01' as reference_month,
            unnest(['=street', 'hotel', 'hotel']) as situation,
            cast(null as date) as since_date,
    """,
    "compiled.bridge": f"""
        select
            {PERSONS[0]!r} as record_id, {PERSONS[0]!r} as person_id, {PERSONS[1]!r} as first_record_id,
            'd1' as delivery_id
    """,
    "indicators.ind_stock": """
        select
            unnest([2, 1]) as position, cast(12 as hugeint) as persons, cast(0.5 as decimal(9, 2)) as share,
            cast('a' as enum ('a', 'b')) as band, timestamp '2024-04-01 10:00:00' as seen_at, true as is_total,
    """,
    "indicators.ind_monthly_flows": """
        select
            unnest([date '2024-02-01', date '2024-03-01']) as reference_month, 'person' as unit,
            'total' as segment_type, 'total' as segment, unnest([41, 52]) as active_end, unnest([7, 23]) as inflow,
    """,
    "indicators.ind_revisions": """
        select
            date '2024-02-01' as reference_month, 'person' as unit, 'total' as segment_type, 'total' as segment,
            'active_end' as indicator, 39.0::double as first_figure, 41.0::double as current_figure,
            'late_delivery' as reason,
    """,
    "quality.dq_empty": "select 'x' as operator where false",
    "indicators.ind_hidden": "select 1 as n",
    "harmonised.hrm_records": "select 'x' as record_id",
    "vocabularies.voc_situation": "select 'street' as code, 'À la rue' as label_fr, 1 as position",
    "reference.communes": "select '21231' as code, 'Dijon' as label_fr, 1 as position",
    "mappings.map_situation": "select 'rue' as source_value",
}
PRIVATE = ("harmonised.hrm_records",)
SEEDS = ("vocabularies.voc_situation", "reference.communes", "mappings.map_situation")


@dataclass(frozen=True)
class Installation:
    """A small warehouse with the artefacts of its build, open to alteration."""

    settings: Settings
    target: Path

    def publish(self, audience: str = "internal", revise: bool = False) -> Publication:
        return publish(self.settings, audience=audience, target_dir=self.target, revise=revise)

    def sql(self, statement: str) -> None:
        with duckdb.connect(str(self.settings.warehouse)) as con:
            con.execute(statement)

    def edit(self, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
        path = self.target / name
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    @property
    def folder(self) -> Path:
        return self.settings.published / "internal"


def installation_in(folder: Path) -> Installation:
    """The installation that stands in a folder."""
    settings = Settings.in_folder(folder, folder)
    return Installation(settings, folder / "target")


def small_installation(folder: Path) -> Installation:
    """A warehouse of a few rows, its keys, and the artefacts of a build that held."""
    installation = installation_in(folder)
    settings = installation.settings
    (folder / "dbt_project.yml").write_text("vars: {territory: dijon, as_of: '9999-12-31'}\n")
    for path in (settings.warehouse, settings.keys):
        path.parent.mkdir()
    secrets = {"k1": bytes(range(32)), "k2": bytes(range(32, 64)), "publication": PUBLICATION_KEY}
    settings.keys.write_text(json.dumps({"territory": "dijon", **{name: key.hex() for name, key in secrets.items()}}))
    settings.keys.chmod(0o600)
    duckdb.connect(str(settings.vault)).close()
    _write_warehouse(installation)
    _write_artifacts(installation.target)
    return installation


def _write_warehouse(installation: Installation) -> None:
    deliveries = """
        create schema raw;
        create table raw.deliveries as
        select unnest(['d1', 'd2']) as delivery_id, 'maraude' as operator, 'rencontres' as extract,
            unnest(['a', 'b']) as sha256, unnest([date '2024-02-01', date '2024-03-01'])
            as reference_month, true as is_synthetic,
            unnest([timestamp '2024-03-09 08:00:00', timestamp '2024-04-09 08:30:00']) as received_at
    """
    schemas = [f"create schema {schema}" for schema in sorted({name.split(".")[0] for name in TABLES})]
    tables = [f"create table {name} as {query}" for name, query in TABLES.items()]
    installation.sql(";".join([deliveries, *schemas, *tables]))


def _write_artifacts(target: Path) -> None:
    nodes = {}
    for name in TABLES:
        kind = "seed" if name in SEEDS else "model"
        node = _node(name, kind, "private" if name in PRIVATE else "public")
        nodes[node["unique_id"]] = node
    nodes["model.synchro.ind_hidden"]["config"]["meta"] = {"publish": False}
    nodes["model.synchro.ind_stock"]["constraints"] = [{"type": "primary_key", "columns": ["position"]}]
    nodes["test.synchro.grain"] = {
        **_node("dbt_test__audit.grain", "test", "public"),
        "test_metadata": {"name": "unique_grain", "kwargs": {"columns": ["reference_month", "person_id"]}},
        "attached_node": "model.synchro.compiled_list",
    }
    nodes["model.synchro.compiled_list"]["columns"]["situation"] = {
        "name": "situation",
        "description": "=Where the\nperson slept. (fr: lieu de nuit)",
        "config": {"meta": {}},
        "constraints": [],
    }
    manifest = {"metadata": {"project_name": "synchro", "dbt_version": "1.11.16"}, "nodes": nodes}
    results = {
        "args": {"which": "build", "vars": {}, "select": [], "exclude": [], "invocation_command": "dbt build"},
        "results": [{"unique_id": unique_id, "status": "success"} for unique_id in nodes],
    }
    results["results"].append({"unique_id": "test.synchro.rows_add_up.1", "status": "pass"})
    target.mkdir()
    (target / "manifest.json").write_text(json.dumps(manifest))
    (target / "run_results.json").write_text(json.dumps(results))


def _node(qualified_name: str, kind: str, access: str) -> dict[str, Any]:
    schema, _, name = qualified_name.partition(".")
    return {
        "unique_id": f"{kind}.synchro.{name}",
        "resource_type": kind,
        "package_name": "synchro",
        "name": name,
        "alias": name,
        "schema": schema,
        "description": f"One row per thing of {name}. More\nwords.",
        "config": {"access": access, "meta": {}},
        "columns": {},
        "constraints": [],
    }


def disclose(
    tables: Mapping[str, pd.DataFrame],
    *,
    audience: str,
    previous: Path | None = None,
    revise: bool = False,
    **_: Any,
) -> Disclosed:
    """A stand-in for disclosure control: two tables for the public, rounded to 5, under 13 hidden, months frozen."""
    flows = tables["ind_monthly_flows"].astype({"active_end": "Int64", "inflow": "Int64"})
    if audience == "internal":
        explained = flows.assign(active_end_status="shown", inflow_status="shown")
        return Disclosed({**tables, "ind_monthly_flows": explained})
    for measure in ("active_end", "inflow"):
        is_shown = flows[measure] >= 13
        flows[measure] = ((flows[measure] + 2) // 5 * 5).where(is_shown)
        flows[f"{measure}_status"] = np.where(is_shown, "shown", "protected")
    if previous and not revise:
        before = pq.read_table(previous / "data/synchro/ind_monthly_flows.parquet").to_pandas()
        new = flows[~flows["reference_month"].isin(before["reference_month"])]
        flows = pd.concat([before, new])
    # As an own calculation may leave it: days with a time, counts as numbers with decimals.
    flows["reference_month"] = pd.to_datetime(flows["reference_month"])
    return Disclosed(
        tables={"ind_monthly_flows": flows.astype({"inflow": float}), "voc_situation": tables["voc_situation"]},
        refused={"ind_stock": "secret"},
        warnings=["à voir"],
        specification={
            "parameters": {"threshold": 11, "display_from": 13, "rounding_base": 5},
            "tables": [
                {"table_name": "ind_monthly_flows", "kind": "refreshed"},
                {"table_name": "voc_situation", "kind": "reference"},
            ],
            "columns": [
                {"table": "ind_monthly_flows", "column": column, "role": role}
                for role, columns in {
                    "dimension": ("reference_month", "unit", "segment_type", "segment"),
                    "count": ("active_end", "inflow"),
                }.items()
                for column in columns
            ],
        },
    )


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path in it."""
    folder = folder.resolve()
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
