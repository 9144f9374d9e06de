"""Contracts: what is accepted, and in which words what is not."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from landing_kit import VISITS, column, table, visits_table, write_contract, write_project
from synchro.contracts import load_contracts
from synchro.errors import ContractError
from synchro.settings import find_project
from synchro.signing import new_signing_key, public_key_of

PROJECT = find_project(Path(__file__).parent)


def refusal(tmp_path: Path, tables: list, **meta) -> str:
    project = write_project(tmp_path).project_dir
    write_contract(project, "alpha", tables, **meta)
    with pytest.raises(ContractError) as caught:
        load_contracts(project)
    assert caught.value.code == "CONTRACT"
    assert caught.value.__cause__ is None
    return str(caught.value)


def with_column(*changed: dict) -> list[dict]:
    names = {node["name"] for node in changed}
    return [table("visits", "v_{yyyy}{mm}.csv", [*(c for c in VISITS if c["name"] not in names), *changed])]


def test_a_good_contract_is_read_whole(tmp_path):
    contract = load_contracts(write_project(tmp_path).project_dir)["alpha"]
    extract = contract.extracts["visits"]
    assert contract.label == "Opérateur alpha"
    assert contract.agreement.reference is None
    assert [c.name for c in extract.value_columns] == ["date_visite", "situation", "structure", "places"]
    assert "notes" not in [c.name for c in extract.read_columns]
    assert extract.column_with_role("record.local_id").name == "ref"
    assert extract.has_identity


def test_the_file_name_tells_the_month(tmp_path):
    extract = load_contracts(write_project(tmp_path).project_dir)["alpha"].extracts["visits"]
    assert extract.month_of("visits_2024-03.csv") == date(2024, 3, 1)
    assert extract.month_of("visits_2024-03_v2.csv") == date(2024, 3, 1)
    for name in ("visits_2024-13.csv", "visits_2024-03.CSV", "visits_2024-03_v1b.csv", "x_visits_2024-03.csv"):
        assert extract.month_of(name) is None


def test_the_digest_follows_the_meaning_and_not_the_prose(tmp_path):
    project = write_project(tmp_path).project_dir

    def digest(**meta) -> str:
        write_contract(project, "alpha", [visits_table(**meta)])
        return load_contracts(project)["alpha"].extracts["visits"].digest

    assert digest() == digest(purpose="Autre but", due_day=12, retention_months=3)
    assert digest() != digest(scope="snapshot")
    assert digest() != digest(format={"type": "csv", "encoding": "cp1252", "delimiter": ";"})


def test_sources_that_are_not_operators_are_left_alone(tmp_path):
    project = write_project(tmp_path).project_dir
    other = project / "models/staging/synchro/_synchro__sources.yml"
    other.parent.mkdir()
    other.write_text("sources:\n  - name: raw\n    tables: [{name: deliveries}]\n", encoding="utf-8")
    assert list(load_contracts(project)) == ["alpha"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rôle": "value"}, ["clé inconnue", "`rôle`", "header"]),
        ({"role": "valeur"}, ["clé `role`", "`identity.last_name`"]),
        ({"type": "number"}, ["clé `type`", "`integer`"]),
        ({"required": "peut-être"}, ["clé `required`", "`true` ou `false`"]),
        ({"vocabulary": "couleur"}, ["vocabulaire inconnu : couleur", "map_couleur.csv"]),
        ({"vocabulary": None}, ["clé `vocabulary`", "code: true"]),
        ({"code": True}, ["soit un vocabulaire, soit `code: true`"]),
        ({"type": "date", "vocabulary": None}, ["date sans format", "%d/%m/%Y"]),
        ({"type": "date", "vocabulary": None, "format": "%d/%m/%y"}, ["format de date non permis", "%Y"]),
        ({"type": "date", "vocabulary": None, "format": "excel_serial"}, ["nombre d'Excel"]),
        ({"role": "identity.first_name"}, ["seule une valeur a un vocabulaire"]),
        ({"header": "Nom"}, ["en-tête en double"]),
        ({"required": True, "optional": True}, ["obligatoire et facultative"]),
        ({"retention_months": 0}, ["clé `retention_months`", "au moins 1"]),
        ({"code": True, "vocabulary": None}, ["colonne sans finalité", "clé `purpose`"]),
        ({"not_before": "date_visite"}, ["seule une date a un `not_before`"]),
        (
            {"type": "date", "vocabulary": None, "format": "%d/%m/%Y", "not_before": "nom"},
            ["clé `not_before`", "date_naissance, date_visite"],
        ),
    ],
)
def test_a_wrong_column_is_named_with_what_to_write(tmp_path, changed, words):
    meta = {"header": "Situation", "role": "value", "vocabulary": "situation"} | changed
    message = refusal(tmp_path, with_column({"name": "situation", "config": {"meta": meta}}))
    for word in [*words, "_alpha__sources.yml", "opérateur alpha", "extrait visits", "à faire"]:
        assert word in message


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"file": "visits.csv"}, ["ne dit pas le mois", "{yyyy}"]),
        ({"file": "visits_{yyyy}{mm}.xlsx"}, ["extension", ".csv"]),
        ({"file": "{operateur}_{yyyy}{mm}.csv"}, ["nom de fichier non permis"]),
        ({"format": {"type": "ods"}}, ["clé `format`", "type: xlsx"]),
        ({"format": {"type": "csv", "encoding": "utf-16", "delimiter": ";"}}, ["format.encoding", "cp1252"]),
        ({"format": {"type": "csv", "encoding": "utf-8"}}, ["format.delimiter", "absente"]),
        ({"format": {"type": "xlsx", "sheet": "A", "rang": 2}}, ["format.rang", "header_row"]),
        ({"due_day": 45}, ["clé `due_day`", "au plus 31"]),
        ({"purpose": ""}, ["clé `purpose`"]),
        ({"scope": "monthly"}, ["clé `scope`", "`snapshot`"]),
        ({"month_column": "situation"}, ["clé `month_column`", "date_naissance, date_visite"]),
    ],
)
def test_a_wrong_extract_is_named_with_what_to_write(tmp_path, changed, words):
    message = refusal(tmp_path, [visits_table(**changed)])
    for word in [*words, "_alpha__sources.yml", "opérateur alpha", "extrait visits", "à faire"]:
        assert word in message


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ([{"key": "ed25519:court"}], ["clé publique mal formée", "synchro keygen"]),
        ([{"key": public_key_of(new_signing_key()), "jusqu_au": "x"}], ["clé inconnue", "valid_until"]),
        ([{"key": public_key_of(new_signing_key()), "valid_until": "bientôt"}], ["date illisible"]),
    ],
)
def test_a_wrong_signing_key_is_named_with_what_to_write(tmp_path, keys, words):
    project = write_project(tmp_path).project_dir
    write_contract(project, "alpha", [visits_table()], signing_keys=keys)
    with pytest.raises(ContractError) as caught:
        load_contracts(project)
    for word in [*words, "signing_keys", "_alpha__sources.yml", "à faire"]:
        assert word in str(caught.value)


@pytest.mark.parametrize("key", ["purpose", "retention_months", "due_day", "scope", "file", "format"])
def test_an_extract_states_every_obligation(tmp_path, key):
    node = visits_table()
    del node["config"]["meta"][key]
    message = refusal(tmp_path, [node])
    assert "clé obligatoire absente" in message
    assert f"`{key}`" in message


def test_a_column_is_for_something_and_is_kept_for_some_time(tmp_path):
    """A role or a vocabulary says what for, unless the contract does; the extract says how long."""
    project = write_project(tmp_path).project_dir
    mine = {"header": "Situation", "role": "value", "vocabulary": "situation", "purpose": "Mon but"}
    for meta, purpose, months in (
        (mine | {"retention_months": 6}, "Mon but", 6),
        ({key: mine[key] for key in ("header", "role", "vocabulary")}, "Savoir si la personne est sans domicile", 24),
    ):
        write_contract(project, "alpha", with_column({"name": "situation", "config": {"meta": meta}}))
        columns = load_contracts(project)["alpha"].extracts["visits"].columns
        column_read = next(column for column in columns if column.name == "situation")
        assert column_read.purpose.startswith(purpose)
        assert column_read.retention_months == months


@pytest.mark.parametrize("column_name", ["date_appel", "duree_demandee"])
def test_a_contract_of_this_project_that_loses_a_purpose_is_refused(tmp_path, column_name):
    project = write_project(tmp_path).project_dir
    text = (PROJECT / "models/staging/siao_115/_siao_115__sources.yml").read_text(encoding="utf-8")
    source = yaml.safe_load(text)
    columns = source["sources"][0]["tables"][0]["columns"]
    del next(node for node in columns if node["name"] == column_name)["config"]["meta"]["purpose"]
    path = project / "models/staging/siao_115/_siao_115__sources.yml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(source, allow_unicode=True), encoding="utf-8")
    shutil.copytree(PROJECT / "seeds/mappings", project / "seeds/mappings", dirs_exist_ok=True)
    with pytest.raises(ContractError, match=f"colonne sans finalité – .*colonne {column_name}"):
        load_contracts(project)


def test_one_local_id_at_most(tmp_path):
    message = refusal(tmp_path, with_column(column("autre", "Autre", "record.local_id")))
    assert "2 colonnes ont le rôle record.local_id" in message


@pytest.mark.parametrize("name", ["Situation", "date-visite", "2e", "birth_year"])
def test_names_are_snake_case_and_not_reserved(tmp_path, name):
    message = refusal(tmp_path, with_column(column(name, "En plus", code=True)))
    assert "clé `name`" in message


def test_two_extracts_never_accept_the_same_file(tmp_path):
    tables = [visits_table(), table("others", "visits_{yyyy}-{mm}{version}.csv", VISITS)]
    assert "visits et others" in refusal(tmp_path, tables)


def test_the_source_bears_the_name_of_its_folder(tmp_path):
    assert "alpha" in refusal(tmp_path, [visits_table()], name="beta")


def test_unknown_keys_of_the_agreement_are_refused(tmp_path):
    message = refusal(tmp_path, [visits_table()], agreement={"ref": "C-1"})
    assert "`agreement.ref`" in message
    assert "signed_on" in message


def test_broken_yaml_is_told_by_its_line(tmp_path):
    settings = write_project(tmp_path)
    path = write_contract(settings.project_dir, "alpha", [visits_table()])
    path.write_text("sources:\n  - name: [alpha\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"YAML illisible – .*ligne \d"):
        load_contracts(settings.project_dir)


def test_the_contracts_of_this_project_can_be_read():
    contracts = load_contracts(PROJECT)
    for operator, contract in contracts.items():
        assert contract.extracts, operator
        for extract in contract.extracts.values():
            assert len(extract.digest) == 32
