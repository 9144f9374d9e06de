"""Documents for data protection officers: complete, short, the same bytes each time, refused when a rubric lacks."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
import typst
import yaml

from conftest import PROJECT
from synchro import documents
from synchro.contracts import load_contracts
from synchro.documents import write_dpo_sheet, write_register
from synchro.errors import ContractError, SynchroError
from synchro.register import REGISTER
from synchro.settings import Settings

CONTRACTS = load_contracts(PROJECT)
RUBRICS = list(yaml.safe_load((PROJECT / REGISTER).read_text(encoding="utf-8")))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """What documents read, in a folder of its own."""
    project = tmp_path / "project"
    for name in ("models/staging", "seeds"):
        shutil.copytree(PROJECT / name, project / name)
    for name in (REGISTER, "dbt_project.yml"):
        (project / name).parent.mkdir(exist_ok=True)
        shutil.copy2(PROJECT / name, project / name)
    return Settings.in_folder(tmp_path, project)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the pages were given."""
    seen = {}
    monkeypatch.setattr(documents, "_compile", lambda page, content, path: seen.update(content) or path)
    return seen


def change(path: Path, edit) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


@pytest.mark.parametrize("operator", list(CONTRACTS))
def test_a_sheet_has_two_pages_at_most(settings, compiled, operator):
    write_dpo_sheet(settings, operator)
    folder = Path(documents.__file__).with_name("pages")
    data = {"data": json.dumps(compiled)}
    pages = typst.query(
        folder / "fiche_dpo.typ",
        "<pages>",
        field="value",
        one=True,
        root=folder,
        sys_inputs=data,
        ignore_system_fonts=True,
    )
    assert 1 <= int(pages) <= 2


@pytest.mark.parametrize("operator", list(CONTRACTS))
def test_a_sheet_names_every_column_that_is_read_and_what_for(settings, compiled, operator):
    write_dpo_sheet(settings, operator)
    [sheet] = compiled["operators"]
    lines = [line for extract in sheet["extracts"] for line in extract["columns"]]
    named = sorted(header for line in lines for header in line["headers"])
    extracts = CONTRACTS[operator].extracts.values()
    assert named == sorted(column.header for extract in extracts for column in extract.read_columns)
    assert all(line["purpose"] and line["treatment"] and line["category"] for line in lines)
    ignored = [header for extract in sheet["extracts"] for header in extract["ignored"]]
    assert ignored == [c.header for extract in extracts for c in extract.columns if c.role == "ignored"]


def test_the_register_holds_every_operator(settings, compiled):
    write_register(settings)
    assert [operator["label"] for operator in compiled["operators"]] == [c.label for c in CONTRACTS.values()]


def test_the_same_contracts_give_the_same_bytes(settings, tmp_path):
    first, second = (write_register(settings, tmp_path / name).read_bytes() for name in ("a.pdf", "b.pdf"))
    assert first == second
    assert first.startswith(b"%PDF")
    assert write_register(settings, tmp_path / "c.pdf", date(2024, 5, 2)).read_bytes() != first


@pytest.mark.parametrize("rubric", RUBRICS)
def test_a_register_without_a_rubric_is_refused(settings, rubric):
    change(settings.project_dir / REGISTER, lambda content: content.pop(rubric))
    with pytest.raises(ContractError, match=f"clé `{rubric}`"):
        write_register(settings)
    assert not list(settings.project_dir.rglob("*.pdf"))


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (lambda content: content.update(purposes=[]), "purposes"),
        (lambda content: content.update(breach=""), "breach"),
        (lambda content: content["controller"].update(contact=""), r"controller\.contact"),
    ],
)
def test_an_empty_rubric_is_refused(settings, edit, key):
    change(settings.project_dir / REGISTER, edit)
    with pytest.raises(ContractError, match=f"`{key}`"):
        write_dpo_sheet(settings, "maraude")


def test_a_column_without_a_purpose_stops_the_document(settings):
    path = settings.project_dir / "models/staging/maraude/_maraude__sources.yml"

    def forget(content: dict) -> None:
        columns = content["sources"][0]["tables"][0]["columns"]
        del next(node for node in columns if node["name"] == "date_rencontre")["config"]["meta"]["purpose"]

    change(path, forget)
    with pytest.raises(ContractError, match="colonne sans finalité"):
        write_register(settings)


def test_fictitious_addresses_end_where_real_data_begins(settings):
    change(settings.project_dir / "dbt_project.yml", lambda content: content["vars"].update(aipd_reference="AIPD-1"))
    with pytest.raises(ContractError, match="coordonnées fictives"):
        write_dpo_sheet(settings, "maraude")


def test_a_declared_aipd_and_agreement_are_printed(settings, compiled):
    change(settings.project_dir / "dbt_project.yml", lambda content: content["vars"].update(aipd_reference="AIPD-1"))
    register = settings.project_dir / REGISTER
    register.write_text(register.read_text(encoding="utf-8").replace("exemple.invalid", "metropole.example"))
    agreement = {"reference": "C-7", "signed_on": date(2024, 1, 15)}
    change(
        settings.project_dir / "models/staging/maraude/_maraude__sources.yml",
        lambda content: content["sources"][0]["config"]["meta"].update(agreement=agreement),
    )
    write_dpo_sheet(settings, "maraude", on=date(2024, 2, 1))
    assert (compiled["aipd"], compiled["date"]) == ("AIPD-1", "01/02/2024")
    [sheet] = compiled["operators"]
    assert (sheet["agreement"], sheet["signed_on"]) == ("C-7", "15/01/2024")


def test_an_unknown_operator_is_said(settings):
    with pytest.raises(SynchroError) as caught:
        write_dpo_sheet(settings, "inconnu")
    assert caught.value.code == "OPERATOR"
