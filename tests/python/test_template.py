"""The transmission workbooks: what they offer, and that one filled as a person would ends in the compiled list."""

from __future__ import annotations

import csv
import hashlib
import json
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from conftest import PROJECT, settings_in
from synchro.build import run_dbt
from synchro.contracts import STANDARD, contract_of, load_contracts
from synchro.errors import SynchroError
from synchro.fields import choices
from synchro.landing import land
from synchro.readers import read
from synchro.settings import Settings
from synchro.template import write_templates
from synchro.warehouse import connect_read_only

SETTINGS = Settings.from_environment(PROJECT)
CONTRACTS = load_contracts(PROJECT)
VOCABULARIES = {"commune": "reference/communes", "exit_destination": "vocabularies/voc_situation"}

Rows = dict[str, list[dict[str, object]]]
ASSOCIATION_X: Rows = {
    "Personnes": [
        {"Identifiant": "P1", "Nom": "Zqxarelli", "Prénom": "Noé", "Date de naissance": datetime(1980, 4, 3)}
        | {"Sexe": "Homme", "Identifiant du ménage": "M1", "Lien avec le demandeur principal": "Demandeur principal"},
        {"Identifiant": "P2", "Nom": "Zqxarelli", "Prénom": "Lou", "Date de naissance": datetime(2015, 1, 1)}
        | {"Sexe": "Femme", "Identifiant du ménage": "M1", "Lien avec le demandeur principal": "Enfant"},
    ],
    "Contacts": [
        {"Identifiant": "P1", "Date du contact": datetime(2024, 3, 12), "Mode de contact": "Maraude"}
        | {"Situation de la personne": "À la rue, abri de fortune, véhicule", "Commune": "Dijon"},
        # On no other sheet: nothing says who it is.
        {"Identifiant": "P3", "Date du contact": datetime(2024, 3, 14), "Mode de contact": "Passage"}
        | {"Situation de la personne": "Hébergé chez un tiers", "Commune": "Chenôve"},
    ],
    "Séjours": [
        {"Identifiant": "P2", "Type de lieu": "Nuitées hôtelières", "Structure": "chez Zqxarelli"}
        | {"Commune": "Dijon", "Date d'entrée": datetime(2024, 2, 20)},
    ],
    "Demandes": [
        {"Identifiant": "P1", "Nature de la demande": "Demande SIAO", "Date de la demande": datetime(2024, 3, 13)}
        | {"Statut de la demande": "En attente", "Préconisation": "Pension de famille"},
    ],
    "Capacités": [{"Type de place": "Nuitées hôtelières", "Commune": "Dijon", "Places": 12, "Places occupées": 9}],
}
ASSOCIATION_Y: Rows = {
    "Personnes": [{"Identifiant": "P1", "Nom": "Wvuqander", "Prénom": "Ines", "Sexe": "Femme"}],
    "Contacts": [
        {"Identifiant": "P1", "Date du contact": datetime(2024, 3, 2), "Mode de contact": "Appel"}
        | {"Situation de la personne": "Squat, campement, bidonville"},
    ],
}


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_templates(SETTINGS, STANDARD, tmp_path_factory.mktemp("standard"))[0]


def fill(
    template: Path, folder: Path, rows: Rows, synthetic: bool = True, name: str = "standard_2024-03.xlsx"
) -> Path:
    """Type the rows under the headers, as one would, and save under the name of the month."""
    workbook = openpyxl.load_workbook(template)
    for title, lines in rows.items():
        sheet = workbook[title]
        places = {cell.value: cell.column for cell in sheet[2]}
        for number, line in enumerate(lines, start=3):
            for header, value in line.items():
                sheet.cell(number, places[header], value)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "standard_2024-03.xlsx"
    workbook.save(path)
    if synthetic:
        manifest = {
            "schema_version": 1,
            "operator": folder.name,
            "extract": STANDARD,
            "reference_month": "2024-03",
            "received_at": "2024-04-08T09:00:00",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows": {
                name: len(rows.get(extract.format.sheet, []))
                for name, extract in CONTRACTS[STANDARD].extracts.items()
                if extract.format.sheet in rows
            },
            "synthetic": True,
        }
        path.with_name(f"{path.name}.manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------ from sheet to list


@pytest.fixture(scope="module")
def landed(standard: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list]:
    folder = tmp_path_factory.mktemp("organisations")
    fill(standard, folder / "inbox/association_x", ASSOCIATION_X)
    fill(standard, folder / "inbox/association_y", ASSOCIATION_Y)
    settings = settings_in(folder)
    receipts = land(folder / "inbox", settings)
    result = run_dbt(settings, ["build", "--exclude-resource-type", "unit_test"], target_dir=folder / "target")
    assert not result.failed, result.failed
    return settings, receipts


def ask(landed: tuple[Settings, list], sql: str) -> list[tuple]:
    with closing(connect_read_only(landed[0])) as connection:
        return connection.execute(sql).fetchall()


def test_each_filled_sheet_has_a_receipt_in_the_organisation_s_name(landed):
    found = {(receipt.operator, receipt.extract, receipt.status, receipt.rows_landed) for receipt in landed[1]}
    assert found == {
        ("association_x", "personnes", "accepted", 2),
        ("association_x", "contacts", "accepted", 2),
        ("association_x", "sejours", "accepted", 1),
        ("association_x", "demandes", "accepted", 1),
        ("association_x", "capacites", "accepted", 1),
        ("association_y", "personnes", "accepted", 1),
        ("association_y", "contacts", "accepted", 1),
    }


def test_whoever_the_sheets_name_is_on_the_compiled_list_and_nobody_else(landed):
    sql = """
        select compiled_list.situation, records.sex, records.household_role, compiled_list.last_seen_date
        from synchro.compiled.compiled_list
        inner join synchro.compiled.bridge_person_records as bridge using (person_id)
        inner join synchro.harmonised.hrm_records as records using (record_id)
        where compiled_list.reference_month = '2024-03-01'
        order by all
    """
    rows = ask(landed, sql)
    assert rows == [
        ("hotel", "female", "child", date(2024, 3, 31)),
        ("squat_camp", "female", "unknown", date(2024, 3, 2)),
        ("street", "male", "head", date(2024, 3, 13)),
    ]


def test_whom_no_sheet_names_is_told_to_the_organisation(landed):
    sql = """
        select operator, reference_month, count(*)
        from synchro.quality.dq_findings
        where check_code = 'anonymous_record'
        group by all
    """
    assert ask(landed, sql) == [("association_x", date(2024, 3, 1), 1)]


def test_one_number_at_two_organisations_is_two_records(landed):
    rows = ask(
        landed, "select operator, count(distinct record_id) from synchro.harmonised.hrm_records group by 1 order by 1"
    )
    assert rows == [("association_x", 3), ("association_y", 1)]


def test_a_household_is_that_of_the_sheet_of_persons(landed):
    stay = "select household_record_id from synchro.harmonised.hrm_stays"
    request = "select household_record_id from synchro.harmonised.hrm_requests"
    assert ask(landed, stay) == ask(landed, request)
    assert ask(landed, stay)[0][0] is not None


def test_every_word_is_translated(landed):
    rows = ask(landed, "select sum(unmapped_count) from synchro.quality.dq_mapping_coverage")
    assert rows == [(0,)]
    assert ask(landed, "select channel from synchro.harmonised.hrm_contacts order by 1") == [
        ("call",),
        ("outreach",),
        ("visit",),
    ]
    assert ask(landed, "select request_kind, need from synchro.harmonised.hrm_requests") == [
        ("siao_insertion", "supported_housing")
    ]
    assert ask(landed, "select situation, places, places_occupied from synchro.harmonised.hrm_capacities") == [
        ("hotel", 12, 9)
    ]


def test_a_name_written_on_another_sheet_is_masked(landed):
    assert ask(landed, "select structure from synchro.raw_standard.sejours") == [("[masqué]",)]


def test_only_sheets_that_were_sent_once_are_expected(landed):
    rows = ask(
        landed, "select operator, extract from synchro.quality.dq_deliveries where operator like 'association%'"
    )
    assert len(rows) == 7
    assert ("association_y", "sejours") not in rows


# ---------------------------------------------------------------------------------------------- refusals


def land_one(tmp_path: Path) -> list:
    return land(tmp_path / "inbox", settings_in(tmp_path))


def test_a_template_sent_back_empty_is_refused(standard, tmp_path):
    fill(standard, tmp_path / "inbox/association_x", {}, synthetic=False)
    [receipt] = land_one(tmp_path)
    assert (receipt.status, receipt.code) == ("rejected", "NO_ROWS")


def test_a_workbook_with_one_bad_sheet_is_refused_whole(standard, tmp_path):
    workbook = openpyxl.load_workbook(standard)
    workbook["Séjours"]["A2"] = "Numéro"
    spoilt = tmp_path / "spoilt.xlsx"
    workbook.save(spoilt)
    fill(spoilt, tmp_path / "inbox/association_x", {"Contacts": ASSOCIATION_X["Contacts"]})
    [receipt] = land_one(tmp_path)
    assert (receipt.status, receipt.code) == ("rejected", "HEADER")
    assert not settings_in(tmp_path).warehouse.exists()


def test_an_empty_sheet_is_not_a_delivery_of_zero(standard, tmp_path):
    path = fill(standard, tmp_path / "inbox/association_x", ASSOCIATION_Y)
    assert {receipt.extract for receipt in land_one(tmp_path)} == {"personnes", "contacts"}
    manifest = path.with_name(f"{path.name}.manifest.json")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["rows"]["sejours"] = 0
    manifest.write_text(json.dumps(content), encoding="utf-8")
    receipts = {receipt.extract: receipt.status for receipt in land_one(tmp_path)}
    assert receipts == {"personnes": "duplicate", "contacts": "duplicate", "sejours": "accepted"}


def test_a_manifest_that_counts_other_rows_is_refused(standard, tmp_path):
    path = fill(standard, tmp_path / "inbox/association_x", ASSOCIATION_Y)
    manifest = path.with_name(f"{path.name}.manifest.json")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["rows"]["contacts"] = 7
    manifest.write_text(json.dumps(content), encoding="utf-8")
    codes = {receipt.extract: receipt.code for receipt in land_one(tmp_path)}
    assert codes == {"personnes": None, "contacts": "ROWS"}


@pytest.mark.parametrize("folder", ["Association X", "association_x/avril"])
def test_an_organisation_is_known_by_a_plain_folder(standard, tmp_path, folder):
    fill(standard, tmp_path / "inbox" / folder, ASSOCIATION_Y, synthetic=False)
    assert [receipt.code for receipt in land_one(tmp_path)] == ["NO_CONTRACT"]


def test_an_operator_with_a_contract_does_not_send_the_standard_workbook(standard, tmp_path):
    """Its records would be there twice, once in each form."""
    fill(standard, tmp_path / "inbox/maraude", ASSOCIATION_Y, synthetic=False)
    assert [receipt.code for receipt in land_one(tmp_path)] == ["FILE_NAME"]


def test_each_organisation_has_its_own_agreement():
    agreements = {"association_x": {"reference": "C-1", "signed_on": "2024-01-15"}}
    standard = CONTRACTS[STANDARD]
    standard = type(standard).model_validate(standard.model_dump() | {"agreements": agreements})
    contracts = {STANDARD: standard}
    assert contract_of("association_x", contracts).agreement.reference == "C-1"
    assert contract_of("association_y", contracts).agreement.reference is None


# ----------------------------------------------------------------------------------------- what they offer


@pytest.mark.parametrize("operator", list(CONTRACTS))
def test_a_template_has_the_headers_that_landing_reads(operator, tmp_path):
    *workbooks, schema = write_templates(SETTINGS, operator, tmp_path)
    sheets = {title: sheet for path in workbooks for title, sheet in zip(*titles_and_sheets(path), strict=True)}
    headers = {tuple(cell.value for cell in row) for sheet in sheets.values() for row in sheet.iter_rows(max_row=5)}
    for extract in CONTRACTS[operator].extracts.values():
        assert tuple(column.header for column in extract.read_columns) in headers
        if extract.format.type == "xlsx":
            name = extract.file.replace("{yyyy}", "AAAA").replace("{mm}", "MM").replace("{version}", "")
            content = (tmp_path / name).read_bytes()
            assert read(content, extract).rows == 0
        assert sum(f"au plus tard le {extract.due_day} " in str(cell.value) for cell in sheets["Lisez-moi"]["A"]) >= 1
    with schema.open(encoding="utf-8-sig", newline="") as lines:
        described = [row["Colonne"] for row in csv.DictReader(lines, delimiter=";")]
    assert described == [c.header for extract in CONTRACTS[operator].extracts.values() for c in extract.read_columns]


def titles_and_sheets(path: Path) -> tuple[list[str], list]:
    workbook = openpyxl.load_workbook(path)
    assert {sheet.sheet_state for sheet in workbook} == {"visible"}
    return workbook.sheetnames, list(workbook)


def test_the_lists_of_the_standard_workbook_are_the_labels_of_the_vocabularies():
    """The mapping of `standard` says label to code, for every code that an organisation may write."""
    columns = [column for extract in CONTRACTS[STANDARD].extracts.values() for column in extract.columns]
    for vocabulary in {column.vocabulary for column in columns if column.vocabulary}:
        path = PROJECT / f"seeds/{VOCABULARIES.get(vocabulary, f'vocabularies/voc_{vocabulary}')}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            codes = [row for row in csv.DictReader(lines) if row["code"] not in ("unmapped", "not_collected")]
        labels = [row["label_fr"] for row in sorted(codes, key=lambda row: int(row["position"]))]
        assert list(choices(vocabulary, STANDARD, PROJECT)) == labels, vocabulary


def test_the_example_is_on_a_sheet_that_no_contract_names(standard):
    named = {extract.format.sheet for extract in CONTRACTS[STANDARD].extracts.values()}
    workbook = openpyxl.load_workbook(standard)
    holding = {
        sheet.title for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value == "P-0001"
    }
    assert holding == {"Exemple"}
    assert not holding & named


def test_a_cell_takes_a_word_of_the_list(standard):
    """The range of each drop-down list holds the words of its vocabulary, and reaches down the sheet."""
    workbook = openpyxl.load_workbook(standard)
    sheet = workbook["Contacts"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    rule = rules["C3:C2002"]
    place = rule.formula1.removeprefix("Listes!").replace("$", "")
    words = tuple(cell.value for [cell] in workbook["Listes"][place])
    assert words == choices("channel", STANDARD, PROJECT)


def test_the_same_contract_gives_the_same_bytes_and_a_filled_workbook_is_not_lost(tmp_path):
    first, second = (write_templates(SETTINGS, STANDARD, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    with pytest.raises(SynchroError) as caught:
        write_templates(SETTINGS, STANDARD, tmp_path / "a")
    assert caught.value.code == "EXISTS"


def test_an_unknown_operator_is_said_with_those_that_there_are(tmp_path):
    with pytest.raises(SynchroError) as caught:
        write_templates(SETTINGS, "inconnu", tmp_path)
    assert caught.value.code == "OPERATOR"
    assert "siao_115" in str(caught.value)
