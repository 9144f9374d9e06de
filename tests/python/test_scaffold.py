"""A new operator, from a file that no contract describes to the compiled list, with what the commands write.

One copy of the project receives the list of medical beds and, under other names, extracts of simulated operators that
fill every entity: what is written must parse, be in the house style, build and pass its own tests.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

from conftest import PROJECT
from lhss import FILE_NAME, lhss_rows, lhss_workbook
from synchro.contracts import ExtractContract, load_contracts
from synchro.errors import SynchroError
from synchro.onboarding.drafting import Options
from synchro.onboarding.scaffolding import scaffold
from synchro.settings import Settings

BIN = Path(sys.executable).parent
# What the person who onboards adds after reading what was printed: two words without a proposal.
REVIEWED = "lhss,lit d'accueil medicalise,institution_exit,\nlhss,lits halte soins sante,institution_exit,\n"
# What the list needs, with the tests of the layers that a new operator adds to.
SELECTED = ("+compiled_list", "+bridge_person_records")
EXCLUDED = (
    *("test_type:data,path:models/linked", "test_type:data,path:models/marts"),
    *("test_type:unit,path:models/linked", "test_type:unit,path:models/marts"),
)
PARTS = ("models", "seeds", "macros", "tests", "analyses", "dbt_project.yml", "profiles.yml", "pyproject.toml")


def copy_project(folder: Path) -> Path:
    """The parts of the project that dbt and the scaffold read, free to be changed."""
    project = folder / "project"
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, project / part, ignore=shutil.ignore_patterns("__pycache__", "python"))
        else:
            project.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, project / part)
    return project


def digest(project: Path) -> str:
    """One hash of every file of a folder."""
    files = sorted(path for path in project.rglob("*") if path.is_file())
    texts = [f"{path.relative_to(project)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


@dataclass(frozen=True)
class Onboarded:
    """The project copy with its new operators, where it was built, what was printed and which files are new."""

    project: Path
    settings: Settings
    printed: str
    new_sql: list[str]


@pytest.fixture(scope="module")
def onboarded(tmp_path_factory: pytest.TempPathFactory, simulated: Path) -> Onboarded:
    folder = tmp_path_factory.mktemp("onboarding")
    project = copy_project(folder)
    before = set(project.glob("models/**/*.sql"))
    _scaffold_simulated(project, simulated)
    unknown = folder / FILE_NAME
    unknown.write_bytes(lhss_workbook(lhss_rows()))
    settings = Settings.in_folder(folder, project)
    printed = _run(settings, "synchro", "profile", unknown, "--html", folder / "profil.html")
    printed += _run(settings, "synchro", "scaffold", "lhss", unknown, "--label", "LHSS du Parc")
    with (project / "seeds/mappings/map_situation.csv").open("a", encoding="utf-8") as file:
        file.write(REVIEWED)
    inbox = folder / "inbox"
    _deliver(inbox, unknown)
    printed += _run(settings, "synchro", "land", inbox)
    _run(settings, "dbt", "build", "--quiet", "--select", *SELECTED, "--exclude", *EXCLUDED)
    new = sorted(str(path.relative_to(project)) for path in project.glob("models/**/*.sql") if path not in before)
    return Onboarded(project, settings, printed, new)


def simulated_files(simulated: Path) -> Iterator[tuple[ExtractContract, Path]]:
    """Each extract of the simulated operators, with its last file."""
    for operator, contract in load_contracts(PROJECT).items():
        folder = simulated / "inbox" / operator
        for extract in contract.extracts.values() if folder.is_dir() else ():
            yield extract, max(path for path in folder.iterdir() if extract.month_of(path.name))


def _scaffold_simulated(project: Path, simulated: Path) -> None:
    """Files that fill every entity, each as the list of an operator that nobody knows."""
    for extract, file in simulated_files(simulated):
        if extract.operator in ("siao_115", "siao_insertion", "hebergement"):
            scaffold(f"new_{extract.operator}_{extract.name}", file, project, Options())


def _run(settings: Settings, *command: object) -> str:
    """What a command prints; it must succeed."""
    environment = {
        **os.environ,
        "SYNCHRO_PROJECT": str(settings.project_dir),
        "SYNCHRO_WAREHOUSE": str(settings.warehouse),
        "SYNCHRO_VAULT": str(settings.vault),
        "SYNCHRO_KEYS": str(settings.keys),
        "SYNCHRO_RECEIPTS": str(settings.receipts),
    }
    arguments = [str(BIN / str(command[0])), *map(str, command[1:])]
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(arguments, cwd=settings.project_dir, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _deliver(inbox: Path, file: Path) -> None:
    target = inbox / "lhss" / file.name
    target.parent.mkdir(parents=True)
    shutil.copy2(file, target)
    manifest = {
        "schema_version": 1,
        "operator": "lhss",
        "extract": "sejours",
        "reference_month": "2024-03",
        "received_at": "2024-04-09T08:30:00",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "rows": len(lhss_rows()),
        "synthetic": True,
    }
    target.with_name(f"{target.name}.manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_every_person_still_there_is_on_the_compiled_list(onboarded: Onboarded) -> None:
    present = {row[0] for row in lhss_rows() if row[6] is None}
    with duckdb.connect() as connection:
        for alias, path in (("synchro", onboarded.settings.warehouse), ("vault", onboarded.settings.vault)):
            connection.execute(f"attach '{path}' as {alias} (read_only)")
        listed = connection.execute(
            """
            select local_ids.local_id
            from synchro.compiled.compiled_list
            inner join synchro.compiled.bridge_person_records using (person_id)
            inner join vault.identity.local_ids using (record_id)
            where compiled_list.reference_month = date '2024-03-01' and local_ids.operator = 'lhss'
            """
        ).fetchall()
    assert len(present) > 30
    assert present <= {local_id for (local_id,) in listed}


def test_the_commands_say_what_they_wrote_and_what_is_left_to_settle(onboarded: Onboarded) -> None:
    for written in ("_lhss__sources.yml", "hrm_stays__lhss.sql", "map_situation.csv", "operators.csv", "dbt_project"):
        assert written in onboarded.printed
    assert "« Type de lit » : 2 mot(s) sans proposition" in onboarded.printed


def test_every_entity_is_filled_by_a_new_operator(onboarded: Onboarded) -> None:
    operators = yaml.safe_load((onboarded.project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"][
        "operators"
    ]
    for entity, names in operators.items():
        assert any(name.startswith("new_") for name in names), entity


def test_new_words_are_marked_to_be_reviewed(onboarded: Onboarded) -> None:
    text = (onboarded.project / "seeds/mappings/map_exit_destination.csv").read_text(encoding="utf-8")
    assert "lhss,retour a la rue,street,à relire\n" in text
    lines = text.splitlines()[1:]
    assert lines == sorted(lines, key=lambda line: line.split(",")[0])


def test_what_is_written_is_in_the_house_style(onboarded: Onboarded) -> None:
    _run(onboarded.settings, "dbt", "parse", "--quiet", "--warn-error", "--no-partial-parse")
    assert len(onboarded.new_sql) >= 14
    _run(onboarded.settings, "sqlfluff", "lint", "--disable-progress-bar", *onboarded.new_sql)
    longest = max(len((onboarded.project / path).read_text().splitlines()) for path in onboarded.new_sql)
    assert longest <= 60


def test_an_operator_or_a_file_that_exists_is_never_replaced(tmp_path: Path) -> None:
    project, unknown = copy_project(tmp_path), tmp_path / FILE_NAME
    unknown.write_bytes(lhss_workbook(lhss_rows()))
    (project / "tests/fixtures").mkdir(exist_ok=True)
    (project / "tests/fixtures/stg_lhss__sejours.csv").write_text("à moi\n", encoding="utf-8")
    before = digest(project)
    for operator in ("ccas", "lhss", "LHSS du Parc"):
        with pytest.raises(SynchroError):
            scaffold(operator, unknown, project, Options())
    with pytest.raises(SynchroError, match="code inconnu de voc_situation"):
        scaffold("autre", unknown, project, Options(situation="dehors"))
    assert digest(project) == before


def test_a_situation_given_by_hand_stands_for_the_column_that_is_missing(tmp_path: Path) -> None:
    project, unknown = copy_project(tmp_path), tmp_path / FILE_NAME
    headers = ["IPP", "Nom", "Prénom", "DDN", "Entrée", "Sortie"]
    rows = [[*row[:4], *row[5:7]] for row in lhss_rows()]
    unknown.write_bytes(lhss_workbook(rows, headers))
    result = scaffold("lhss", unknown, project, Options(situation="institution_exit"))
    stays = (project / "models/harmonised/stays/hrm_stays__lhss.sql").read_text(encoding="utf-8")
    assert "'institution_exit' as situation" in stays
    assert any("situation de tous" in remark for remark in result.draft.remarks)
