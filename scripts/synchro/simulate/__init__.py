"""A fictitious territory: the monthly files of ten operators, and the truth that no operator has.

Everything follows from the parameters and the seed: same options, same bytes. No real person's data is used.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synchro.contracts import STANDARD, ExtractContract, load_contracts
from synchro.errors import SynchroError
from synchro.settings import find_project
from synchro.simulate import incidents, truth, writers
from synchro.simulate.extracts import UNMAPPED, load_words, written_extract
from synchro.simulate.names import draw_names
from synchro.simulate.observations import observe
from synchro.simulate.parameters import Parameters
from synchro.simulate.population import build_population
from synchro.simulate.trajectories import build_trajectories

Progress = Callable[[str, int, int], None]
# A change of what the same options write is a new version.
SIMULATOR_VERSION = 1
SUMMARY_FILE = "simulation.json"
MAX_PERSONS, MAX_MONTHS = 200_000, 240


def simulate(
    out: Path,
    persons: int = 900,
    months: int = 24,
    seed: int = 1,
    start: str = "2024-01",
    progress: Progress | None = None,
    ghost_rate: float | None = None,
) -> dict[str, Any]:
    """Write OUT/inbox, OUT/truth and OUT/simulation.json; return French labels and values for the screen.

    `ghost_rate` is the share of stays whose exit is never written, if not that of Parameters.
    A folder that holds the simulation of the same options is left as it is. Raises SynchroError for options
    out of bounds, and for a folder that holds anything else: nothing is ever replaced.
    """
    out = Path(out)
    _check_options(persons, months, seed, start)
    options = {"persons": persons, "months": months, "seed": seed, "start": start}
    if ghost_rate is not None:
        _check_share("ghost_rate", ghost_rate)
        options["ghost_rate"] = ghost_rate
    previous = _previous_simulation(out, options)
    if previous is not None:
        return {**previous, "état": "déjà écrit avec les mêmes options, rien n'a été modifié"}
    report = _write_territory(out, Parameters(**options), options, progress or _silent)
    text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    (out / SUMMARY_FILE).write_text(text, encoding="utf-8")
    return report["summary"]


def _silent(_label: str, _done: int, _total: int) -> None:
    """No screen to tell."""


# ----------------------------------------------------------------------------------------------- checks


def _check_options(persons: int, months: int, seed: int, start: str) -> None:
    _check_range("persons", persons, 20, MAX_PERSONS)
    _check_range("months", months, 1, MAX_MONTHS)
    _check_range("seed", seed, 0, 2**63 - 1)
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", str(start)):
        raise SynchroError("OPTION", "premier mois illisible", "option start", "écrire AAAA-MM, par exemple 2024-01")


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        todo = f"choisir un nombre entier de {low} à {high}"
        raise SynchroError("OPTION", f"{name} = {value} : hors limites", f"option {name}", todo)


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise SynchroError(
            "OPTION", f"{name} = {value} : hors limites", f"option {name}", "choisir une part de 0 à 1"
        )


def _previous_simulation(out: Path, options: dict[str, Any]) -> dict[str, Any] | None:
    """The summary of the same simulation if the folder holds it; None if the folder is free."""
    if out.exists() and not out.is_dir():
        raise SynchroError("OUT", "ce n'est pas un dossier", str(out), "choisir un autre dossier")
    if not out.exists() or not any(out.iterdir()):
        return None
    report = _read_report(out / SUMMARY_FILE)
    if report is None:
        todo = "choisir un autre dossier, ou supprimer celui-ci"
        raise SynchroError("OUT", "dossier non vide, sans simulation complète", str(out), todo)
    if report.get("options") != options or report.get("simulator_version") != SIMULATOR_VERSION:
        todo = "choisir un autre dossier, ou supprimer celui-ci"
        raise SynchroError("OUT", "dossier d'une simulation faite avec d'autres options", str(out), todo)
    return report["summary"]


def _read_report(path: Path) -> dict[str, Any] | None:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) and "summary" in report else None


# ---------------------------------------------------------------------------------------------- writing


@dataclass(frozen=True)
class Territory:
    """What happened, and what operators see and deliver of it."""

    parameters: Parameters
    persons: pd.DataFrame
    spells: pd.DataFrame
    observed: dict[tuple[str, str], pd.DataFrame]
    names: pd.DataFrame
    first_month: pd.Period
    plan: list[incidents.Incident]


def _write_territory(out: Path, parameters: Parameters, options: dict, progress: Progress) -> dict[str, Any]:
    """All files; returns the content of simulation.json."""
    contracts = [
        extract
        for operator in load_contracts(find_project()).values()
        for extract in operator.extracts.values()
        if operator.operator != STANDARD
    ]
    total = len(contracts) + 3
    progress("Simulation", 0, total)
    *lives, files = np.random.SeedSequence(parameters.seed).spawn(5)
    territory = _imagine(parameters, options["start"], [np.random.default_rng(stream) for stream in lives])
    progress("Simulation", 2, total)
    record_rows, counts = [], Counter()
    streams = files.spawn(len(contracts))
    for done, (contract, stream) in enumerate(zip(contracts, streams, strict=True), start=3):
        record_rows.append(_write_extract(out / "inbox", territory, contract, np.random.default_rng(stream), counts))
        progress("Simulation", done, total)
    rows = pd.concat(record_rows, ignore_index=True)
    person_months = _write_truth(out / "truth", territory, rows)
    progress("Simulation", total, total)
    unknown = {key: number for key, number in sorted(counts.items()) if "." in key}
    listed = incidents.described(territory.plan, territory.first_month, unknown)
    return {
        "simulator_version": SIMULATOR_VERSION,
        "synthetic": True,
        "options": options,
        "incidents": listed,
        "summary": _summary(contracts, territory, counts, person_months, listed),
    }


def _imagine(parameters: Parameters, start: str, streams: list[np.random.Generator]) -> Territory:
    """Persons, their lives, their names, and what operators observe."""
    population, lives, seen, naming = streams
    persons = build_population(parameters, population)
    spells = build_trajectories(persons, parameters, lives)
    plan = incidents.plan_incidents(parameters.months)
    observed = incidents.drop_missing(plan, observe(persons, spells, parameters, seen))
    names = draw_names(persons, naming)
    names = names.assign(birth_date=persons["birth_date"], origin=persons["origin"])
    first_month = pd.Period(start, "M")
    return Territory(parameters, persons, spells, observed, names, first_month, plan)


def _write_extract(
    inbox: Path, territory: Territory, contract: ExtractContract, rng: np.random.Generator, counts: Counter
) -> pd.DataFrame:
    """The files of one extract; returns the person of each row written."""
    frame = territory.observed[contract.operator, contract.name]
    written = written_extract(contract, frame, territory.names, territory.parameters.identity_errors, rng)
    by_month = dict(iter(written.groupby("month")))
    rows = []
    for month in range(territory.parameters.months):
        kind = incidents.find_kind(territory.plan, contract.operator, contract.name, month)
        received = incidents.received_at(territory.first_month + month, kind, contract.due_day, rng)
        if kind == "missing":
            continue
        cells = by_month.get(month, written.iloc[:0])
        for version, content, moment in _versions(cells, kind, received, rng):
            name = _file_name(contract, territory.first_month + month, version)
            _write_file(
                inbox / contract.operator / name, contract, content, territory.first_month + month, moment, kind, rng
            )
            counts.update(files=1, rows=len(content))
            counts.update(_unknown_words(contract, content))
            rows.append(_record_rows(contract, name, content, territory.persons))
    return pd.concat(rows, ignore_index=True)


def _versions(cells: pd.DataFrame, kind: str | None, received, rng) -> Iterator[tuple[str, pd.DataFrame, Any]]:
    """(version, rows, received_at) of each delivery of one month."""
    if kind == "corrected":
        yield "", incidents.first_version(cells, rng), received
        yield "_v2", cells, received + incidents.CORRECTED_AFTER
    else:
        yield "", cells, received


def _file_name(contract: ExtractContract, month: pd.Period, version: str) -> str:
    texts = {"{yyyy}": f"{month.year:04d}", "{mm}": f"{month.month:02d}", "{version}": version}
    name = contract.file
    for token, text in texts.items():
        name = name.replace(token, text)
    return name


def _write_file(path: Path, contract: ExtractContract, content, month, received, kind, rng) -> None:
    """One file and its manifest."""
    columns = {column.header: content[column.name].tolist() for column in contract.columns}
    if kind == "new_column":
        columns["Téléphone"] = incidents.phone_numbers(len(content), rng)
    manifest = {
        "schema_version": 1,
        "operator": contract.operator,
        "extract": contract.name,
        "reference_month": str(month),
        "received_at": received.isoformat(),
        "rows": len(content),
        "synthetic": True,
    }
    writers.write_delivery(path, writers.file_content(contract, columns, str(month)), manifest)


def _unknown_words(contract: ExtractContract, content: pd.DataFrame) -> Counter:
    """How many words no mapping knows, by "operator.column"."""
    found = Counter()
    for column in contract.columns:
        unmapped = load_words().get((contract.operator, column.vocabulary or ""), {}).get(UNMAPPED)
        if unmapped is not None:
            number = int(content[column.name].isin(unmapped[0]).sum())
            found.update({f"{contract.operator}.{column.name}": number} if number else {})
    return found


def _record_rows(contract: ExtractContract, name: str, content: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """Whose row each row of a file is; rows about no one (capacities) are left out."""
    rows = content.loc[content["person"] >= 0, ["source_row", "person"]]
    return pd.DataFrame(
        {
            "operator": contract.operator,
            "extract": contract.name,
            "file": name,
            "source_row": rows["source_row"].to_numpy(dtype="int32"),
            "person_id": persons["person_id"].to_numpy()[rows["person"].to_numpy()],
        }
    )


def _write_truth(folder: Path, territory: Territory, record_rows: pd.DataFrame) -> pd.DataFrame:
    """The three truth tables, in parquet; returns the persons' months."""
    folder.mkdir(parents=True, exist_ok=True)
    persons = pd.DataFrame(
        {
            "person_id": territory.persons["person_id"],
            "household_id": territory.persons["household"],
            "sex": territory.persons["sex"],
            "birth_year": territory.persons["birth_date"].dt.year.astype("int16"),
            "arrived_on": territory.persons["arrived_on"],
        }
    )
    person_months = truth.person_months(territory.persons, territory.spells, territory.observed, territory.parameters)
    persons.to_parquet(folder / "persons.parquet", index=False)
    record_rows.to_parquet(folder / "record_rows.parquet", index=False)
    person_months.to_parquet(folder / "person_months.parquet", index=False)
    return person_months


def _summary(contracts, territory: Territory, counts: Counter, person_months, listed) -> dict[str, Any]:
    """What is told on screen."""
    last = person_months[person_months["month_end"] == person_months["month_end"].max()]
    first_month, months = territory.first_month, territory.parameters.months
    return {
        "opérateurs": len({contract.operator for contract in contracts}),
        "mois": f"{first_month} à {first_month + months - 1}",
        "fichiers": counts["files"],
        "lignes": counts["rows"],
        "personnes": len(territory.persons),
        "sans domicile à la fin du dernier mois": int(last["is_homeless"].sum()),
        "incidents": len(listed),
    }
