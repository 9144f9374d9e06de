"""Landing a large csv against DuckDB reading it as text: `python scripts/bench/landing.py [rows]`."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from synchro.landing import land
from synchro.settings import Settings

AIM_RATIO = 4.0
FILE_NAME = "listing_2024-03.csv"
WORDS = {
    "situation": ["À la rue", "Squat", "CHU", "Hôtel", "Chez un tiers", "CHRS", "Abri de nuit", "NC"],
    "commune": ["Dijon", "Chenôve", "Talant", "Quetigny", "Longvic"],
    "reponse": ["Orienté", "Absence de place", "Refus de l'usager"],
    "sexe": ["F", "H", "Femme", "Homme"],
}
CONTRACT = """
sources:
  - name: bench
    schema: raw_bench
    config: {meta: {label: Banc d'essai}}
    tables:
      - name: listing
        config:
          meta:
            file: "listing_{yyyy}-{mm}{version}.csv"
            format: {type: csv, encoding: utf-8, delimiter: ";"}
            scope: events
            due_day: 10
            purpose: Mesurer le temps de réception
            retention_months: 1
        columns:
          - {name: date_entree, config: {meta: {header: Entrée, purpose: Mesurer, role: value, type: date, format: "%d/%m/%Y", required: true}}}
          - {name: date_appel, config: {meta: {header: Appel, purpose: Mesurer, role: value, type: datetime, format: "%d/%m/%Y %H:%M"}}}
          - {name: duree, config: {meta: {header: Durée, purpose: Mesurer, role: value, type: integer}}}
          - {name: structure, config: {meta: {header: Structure, purpose: Mesurer, role: value, code: true}}}
          - {name: situation, config: {meta: {header: Situation, purpose: Mesurer, role: value, vocabulary: situation}}}
          - {name: commune, config: {meta: {header: Commune, purpose: Mesurer, role: value, vocabulary: commune}}}
          - {name: reponse, config: {meta: {header: Réponse, purpose: Mesurer, role: value, vocabulary: reponse}}}
          - {name: sexe, config: {meta: {header: Sexe, purpose: Mesurer, role: value, vocabulary: sexe}}}
"""  # noqa: E501


def write_project(folder: Path) -> Settings:
    """A project of one contract and its mappings."""
    staging, mappings = folder / "models/staging/bench", folder / "seeds/mappings"
    staging.mkdir(parents=True)
    mappings.mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("vars: {territory: bench}\n", encoding="utf-8")
    (staging / "_bench__sources.yml").write_text(CONTRACT, encoding="utf-8")
    for field in WORDS:
        (mappings / f"map_{field}.csv").write_text(f"operator,source_value,{field},note\n", encoding="utf-8")
    return Settings(
        project_dir=folder,
        warehouse=folder / "warehouse.duckdb",
        vault=folder / "vault.duckdb",
        keys=folder / "keys.json",
        tombstones=folder / "effacements.csv",
        receipts=folder / "receipts",
        published=folder / "published",
    )


def write_inbox(folder: Path, rows: int) -> Path:
    """One delivery of `rows` rows, drawn with a fixed seed, with its manifest; returns the csv."""
    random = np.random.default_rng(1)
    days = np.array([(date(2024, 1, 1) + timedelta(days=day)).strftime("%d/%m/%Y") for day in range(90)])
    minutes = np.array([f" {minute // 60:02}:{minute % 60:02}" for minute in range(1440)])
    columns = {
        "Entrée": random.choice(days, rows),
        "Appel": np.char.add(random.choice(days, rows), random.choice(minutes, rows)),
        "Durée": random.integers(0, 60, rows).astype(str),
        "Structure": np.char.add("Structure ", random.integers(1, 500, rows).astype(str)),
    }
    columns |= {field.capitalize(): random.choice(words, rows) for field, words in WORDS.items()}
    columns["Réponse"] = columns.pop("Reponse")
    path = folder / "inbox/bench" / FILE_NAME
    path.parent.mkdir(parents=True)
    pd.DataFrame(columns).to_csv(path, sep=";", index=False, encoding="utf-8")
    manifest = {
        "schema_version": 1,
        "operator": "bench",
        "extract": "listing",
        "reference_month": "2024-03",
        "received_at": "2024-04-09T08:30:00",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": rows,
        "synthetic": True,
    }
    path.with_name(f"{path.name}.manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return path


def seconds_of_duckdb(path: Path, database: Path) -> float:
    """DuckDB alone: the csv read as text, written to a table on disk."""
    start = time.perf_counter()
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table listing as select * from read_csv(?, all_varchar = true, delim = ';', header = true)",
            [str(path)],
        )
    return time.perf_counter() - start


def measure(rows: int = 1_000_000) -> float:
    """Ratio of the time of landing to that of DuckDB alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = write_project(folder)
        path = write_inbox(folder, rows)
        base = min(seconds_of_duckdb(path, folder / f"base_{turn}.duckdb") for turn in range(2))
        start = time.perf_counter()
        receipts = land(folder / "inbox", settings)
        seconds = time.perf_counter() - start
        if receipts[0].status != "accepted":
            raise SystemExit(receipts[0].message)
    ratio = seconds / base
    print(
        f"{rows} lignes : DuckDB seul {base:.2f} s, réception {seconds:.2f} s, rapport {ratio:.1f} "
        f"(objectif {AIM_RATIO:.0f}) ; {receipts[0].message}"
    )
    return ratio


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
