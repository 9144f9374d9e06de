"""The files of a new operator, written into the project from a draft: contract, models, words, fixture, unit tests.

Everything is composed in memory first. A file that exists is never replaced, and a list of the project only gains
rows; either all is written or nothing.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from synchro.contracts import load_contracts
from synchro.errors import SynchroError
from synchro.onboarding.drafting import Draft, DraftColumn, Options, draft
from synchro.onboarding.harmonising import Harmonised
from synchro.onboarding.profiling import study

# Every mapping row proposed bears it: `grep "à relire" seeds/mappings/*.csv` finds what is left to read.
TO_REVIEW = "à relire"
_GRAINS = {
    "records": "One row per reference month and record: persons listed by",
    "contacts": "One row per contact that a delivery reports: contacts of",
    "stays": "One row per listing of a stay by a delivery: stays at",
    "requests": "One row per listing of a request by a delivery: requests known to",
    "capacities": "One row per reference month, situation and commune: places of",
}
_UNKNOWN_WORD = "mot sans traduction"


@dataclass(frozen=True)
class Proposal:
    """One file of the project, new or completed: its path, its whole content, what to look at in it (French)."""

    path: str
    content: str
    review: str
    is_new: bool


@dataclass(frozen=True)
class Scaffold:
    """What was written for a new operator, and the draft it comes from."""

    draft: Draft
    proposals: tuple[Proposal, ...]


def scaffold(operator: str, path: Path, project_dir: Path, options: Options) -> Scaffold:
    """Write what a new operator needs, proposed from one of its files.

    Raises SynchroError, and changes nothing, if the operator or a file exists, or if the columns fill no table.
    """
    _refuse_known(operator, project_dir)
    _check_code(project_dir, "voc_situation", options.situation)
    _check_code(project_dir, "voc_channel", options.channel)
    _check_code(project_dir, "voc_request_kind", options.request_kind)
    studied = study(path, project_dir)
    planned = draft(operator, path, studied, options)
    models = [Harmonised(planned, studied.knowledge.entities[entity]) for entity in planned.entities]
    proposals = (*_new_files(planned, models), *_completed_files(planned, project_dir))
    for proposal in proposals:
        if proposal.is_new and (project_dir / proposal.path).exists():
            todo = "le déplacer ou le retirer"
            raise SynchroError("SCAFFOLD", "fichier déjà là, rien n'est écrit", proposal.path, todo)
    for proposal in proposals:
        (project_dir / proposal.path).parent.mkdir(parents=True, exist_ok=True)
        (project_dir / proposal.path).write_text(proposal.content, encoding="utf-8")
    return Scaffold(planned, proposals)


def _refuse_known(operator: str, project_dir: Path) -> None:
    listed = {row["operator"] for row in _read_csv(project_dir / "seeds/reference/operators.csv")}
    if operator in listed | load_contracts(project_dir).keys():
        todo = "choisir un autre nom, ou modifier son contrat à la main"
        raise SynchroError("SCAFFOLD", f"l'opérateur {operator} existe déjà", None, todo)


def _check_code(project_dir: Path, seed: str, code: str | None) -> None:
    codes = [row["code"] for row in _read_csv(project_dir / f"seeds/vocabularies/{seed}.csv")]
    if code is not None and code not in codes:
        raise SynchroError("SCAFFOLD", f"code inconnu de {seed}", None, f"choisir parmi {', '.join(codes)}")


# ----------------------------------------------------------------------------------------------- new files


def _new_files(planned: Draft, models: list[Harmonised]) -> Iterator[Proposal]:
    environment, operator, staging = _environment(), planned.operator, f"stg_{planned.operator}__{planned.extract}"

    def rendered(template: str, **more: Any) -> str:
        return environment.get_template(template).render(draft=planned, staging=staging, **more)

    folder = f"models/staging/{operator}"
    review = "le contrat : nom du fichier, rôle de chaque colonne, finalité, convention"
    yield Proposal(f"{folder}/_{operator}__sources.yml", rendered("sources.yml.j2"), review, True)
    review = "la première phrase : une ligne par quoi ?"
    yield Proposal(f"{folder}/_{operator}__models.yml", rendered("models.yml.j2"), review, True)
    yield Proposal(f"{folder}/{staging}.sql", rendered("staging.sql.j2"), "les colonnes gardées", True)
    for model in models:
        template = "capacities.sql.j2" if model.entity.name == "capacities" else "harmonised.sql.j2"
        review = "ce que chaque colonne devient ; « not_collected » là où l'opérateur n'a rien"
        path = f"models/harmonised/{model.entity.name}/{model.name}.sql"
        yield Proposal(path, rendered(template, model=model), review, True)
    tests = [model.unit_test() for model in models if model.entity.name != "capacities"]
    if tests:
        review = "trois lignes inventées : y mettre vos cas difficiles"
        yield Proposal(f"tests/fixtures/{staging}.csv", _fixture(planned), review, True)
        path = f"models/harmonised/_{operator}__unit_tests.yml"
        yield Proposal(path, rendered("unit_tests.yml.j2", tests=tests), "ce que ces lignes doivent devenir", True)


def _environment() -> Environment:
    """Templates write Jinja for dbt, so their own marks are others."""
    environment = Environment(
        loader=PackageLoader("synchro.onboarding"),
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - SQL and YAML, not pages.
    )
    environment.filters |= {"yaml": _quoted, "flow": _flow, "meta": _column_meta, "staged": _staged}
    return environment


def _quoted(value: Any) -> str:
    """A scalar of YAML: JSON's quotes are YAML's."""
    return json.dumps(value, ensure_ascii=False)


def _flow(mapping: dict[str, Any]) -> str:
    return ", ".join(f"{key}: {_quoted(value)}" for key, value in mapping.items())


def _column_meta(column: DraftColumn) -> str:
    """`config.meta` of a column, in the order of the other contracts."""
    meta = [f"header: {_quoted(column.header)}", f"role: {column.field.role}"]
    if column.field.role != "ignored":
        meta.append(f"type: {column.type}")
        meta += [f"format: {_quoted(column.format)}"] if column.format else []
        meta += [f"vocabulary: {column.field.vocabulary}"] if column.field.vocabulary else []
        meta += ["code: true"] if column.field.kind == "code" else []
        meta += ["required: true"] if column.is_required else []
        meta += [f"purpose: {_quoted(column.field.purpose)}"] if column.field.purpose else []
    return ", ".join(meta)


def _staged(column: DraftColumn) -> str:
    kinds = {"date": "date", "datetime": "timestamp", "integer": "integer"}
    if column.type in kinds:
        return f"cast({column.name} as {kinds[column.type]}) as {column.name}"
    return f"trim({column.name}) as {column.name}"


def _fixture(planned: Draft) -> str:
    """Three made-up rows of the staging model: a word with a code in each list, one without, and blanks."""
    rows = []
    for place in (1, 2, 3):
        row = {"operator": planned.operator, "reference_month": "2024-03-01", "delivery_id": "d", "source_row": place}
        row |= {"record_id": f"r{place}", "birth_year": 1990, "birth_date_precision": "day"}
        rows.append(row | {column.name: _cell(column, place) for column in planned.values})
    return _csv_text(list(rows[0]), [list(row.values()) for row in rows])


def _cell(column: DraftColumn, place: int) -> str:
    typed = {"date": "2024-03-05", "datetime": "2024-03-05 09:00:00", "integer": "3", "text": "s-01"}
    if column.field.vocabulary:
        return (next(iter(column.words), _UNKNOWN_WORD), _UNKNOWN_WORD, "")[place - 1]
    return typed[column.type] if place == 1 or column.is_required else ""


# ----------------------------------------------------------------------------------------- completed files


def _completed_files(planned: Draft, project_dir: Path) -> Iterator[Proposal]:
    """The project's lists, with the rows they gain."""
    for entity in planned.entities:
        path = f"models/harmonised/{entity}/_{entity}.yml"
        yield Proposal(path, _with_stanza(project_dir / path, planned, entity), "la description du modèle", False)
    for field, rows in _mapping_rows(planned).items():
        path = f"seeds/mappings/map_{field}.csv"
        review = f"{len(rows)} mot(s), note « {TO_REVIEW} » : confirmer ou corriger chaque code"
        yield Proposal(path, _with_rows(project_dir / path, rows, is_sorted=True), review, False)
    path = "seeds/reference/operators.csv"
    row = {"operator": planned.operator, "label_fr": planned.label, "family_fr": planned.family}
    content = _with_rows(project_dir / path, [row], is_sorted=False)
    yield Proposal(path, content, "le libellé et la famille", False)
    path = "dbt_project.yml"
    yield Proposal(path, _with_operator(project_dir / path, planned), "vars.operators : rien, en principe", False)


def _with_stanza(path: Path, planned: Draft, entity: str) -> str:
    """The entity's YAML with a stanza at the end: `models:` is the last key of these files."""
    text = path.read_text(encoding="utf-8").rstrip("\n")
    return (
        f"{text}\n\n  - name: hrm_{entity}__{planned.operator}\n    description: >-\n"
        f"      {_GRAINS[entity]} {planned.operator}.\n    columns: *{entity}_columns\n"
    )


def _mapping_rows(planned: Draft) -> dict[str, list[dict[str, str]]]:
    """field -> the rows proposed, one per word that has a code."""
    rows: dict[str, list[dict[str, str]]] = {}
    for column in planned.values:
        for key, word in column.words.items():
            note = TO_REVIEW if word.score == 1 else f"{TO_REVIEW} : proche de « {word.like} »"
            field = column.field.field
            row = {"operator": planned.operator, "source_value": key, field: word.code or "", "note": note}
            rows.setdefault(field, []).append(row)
    return rows


def _with_rows(path: Path, rows: list[dict[str, str]], is_sorted: bool) -> str:
    """A csv of the project with more rows; mapping seeds are kept in order of operator and word."""
    known = _read_csv(path)
    header = list(known[0])
    lines = [[row[name] for name in header] for row in (*known, *rows)]
    return _csv_text(header, sorted(lines) if is_sorted else lines)


def _with_operator(path: Path, planned: Draft) -> str:
    """dbt_project.yml with the operator's name under `vars.operators`, for each entity it fills."""
    text = path.read_text(encoding="utf-8")
    start = text.index("  operators:\n")
    head, tail = text[:start], text[start:]
    for entity in planned.entities:
        tail, count = re.subn(rf"(?m)^(    {entity}: \[[^\]]*)\]", rf"\1, {planned.operator}]", tail, count=1)
        if not count:
            raise SynchroError("SCAFFOLD", "liste d'opérateurs illisible", f"{path.name}, vars.operators.{entity}")
    return head + tail


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _csv_text(header: list[str], lines: list[list[Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()
