"""No planted name, birth date, phone number or address is found anywhere after a month that went well and badly.

The canaries are typed where operators may type them: identity columns, free text, coded columns, a new column and its
header, a file name, a manifest, rows that fail, in clear and in sealed deliveries. Everything the project writes is
then searched, in every encoding.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from conftest import PROJECT
from leaks import find_leaks

CANARIES = {
    "accented name": "Zéphyrinquel",
    "double name": "Quorvaz-Brindolfe",
    "long name": "Wolfeschlegelsteinhausenbergerdorffwelt",
    "first name": "Yxelloé",
    "phone": "0699887743",
    "spaced phone": "06 99 88 77 43",
    "e-mail": "xq.zorvik@courriel.example",
    "social security number": "1371129231987",
    "address": "17 ruelle des Quatre-Zorvins",
    "birth date": "29/11/1937",
    "ISO birth date": "1937-11-29",
    "dashed birth date": "29-11-1937",
    "birth name": "Trouvelzac",
}
HEADER = (
    "N° dossier;Date appel;Nom;Prénom;Date de naissance;Sexe;Composition familiale;Commune d'appel;Situation;"
    "Durée demandée;Réponse"
)
WORKBOOK_HEADER = [
    "N° domiciliation",
    "NOM",
    "PRENOM",
    "NOM DE NAISSANCE",
    "DATE NAISSANCE",
    "CIVILITE",
    "DATE ELECTION",
    "DATE RENOUVELLEMENT",
    "DATE DERNIER PASSAGE",
    "SITUATION LOGEMENT",
    "SITUATION FAMILIALE",
    "RESSOURCES",
]
SOUND_ROWS = [
    "D1;04/03/2024 21:10;Zéphyrinquel;Yxelloé;29/11/1937;F;femme seule;Dijon;à la rue;3;orienté",
    "D2;05/03/2024 21:10;Quorvaz-Brindolfe;Yxelloé;29/11/1937;H;homme seul;Dijon;à la rue;3;orienté",
    # A name, a phone and an address in columns that expect a word.
    "D3;05/03/2024 22:10;Zéphyrinquel;Yxelloé;29/11/1937;Zéphyrinquel;0699887743;17 ruelle des Quatre-Zorvins;"
    "chez Quorvaz-Brindolfe;06 99 88 77 43;xq.zorvik@courriel.example",
    # Dates and numbers that cannot be read, in a required and in an optional column.
    "D4;Zéphyrinquel;Wolfeschlegelsteinhausenbergerdorffwelt;Yxelloé;29/11/1937;F;;Dijon;à la rue;3;orienté",
    "D5;06/03/2024 08:00;Wolfeschlegelsteinhausenbergerdorffwelt;Yxelloé;1371129231987;F;;Dijon;à la rue;"
    "Zéphyrinquel;orienté",
]


def _plant(inbox: Path) -> None:
    """Four months of 115 calls, one sound and three that fail in different ways, and two workbooks."""
    folder = inbox / "siao_115"
    folder.mkdir(parents=True)
    _deliver(folder / "appels_115_2024-03.csv", [HEADER, *SOUND_ROWS])
    extra = [f"{HEADER};Zéphyrinquel 0699887743", *(f"{row};xq.zorvik@courriel.example" for row in SOUND_ROWS)]
    extra = [line.replace("/03/2024", "/04/2024") for line in extra]
    _deliver(folder / "appels_115_2024-04.csv", extra)
    # No header: the first person stands where the columns' names should.
    _deliver(folder / "appels_115_2024-05.csv", SOUND_ROWS)
    # It fails half-way: the fourth row is cut.
    cut = [HEADER, *SOUND_ROWS[:3], "D9;06/06/2024 10:00;Zéphyrinquel"]
    _deliver(folder / "appels_115_2024-06.csv", cut)
    _deliver(folder / "appels_115_2024-07.csv", [HEADER, *SOUND_ROWS], encoding="utf-16")
    _deliver(folder / "export Zéphyrinquel 0699887743.csv", [HEADER, *SOUND_ROWS])
    workbook = inbox / "ccas" / "domiciliations_2024-03.xlsx"
    workbook.parent.mkdir()
    book = openpyxl.Workbook()
    book.active.title = "Domiciliations"
    book.active.append(WORKBOOK_HEADER)
    row = ["ZEPHYRINQUEL-1", "Zéphyrinquel", "Yxelloé", "Trouvelzac", "29/11/1937", "Mme", "01/03/2024", None, None]
    book.active.append([*row, "à la rue", "06 99 88 77 43", "1371129231987"])
    book.save(workbook)
    _manifest(workbook, "ccas", "domiciliations", 1)
    broken = inbox / "ccas" / "domiciliations_2024-04.xlsx"
    broken.write_bytes("PK\x03\x04 Zéphyrinquel".encode())
    _manifest(broken, "ccas", "domiciliations", 1)
    # A word too many in the manifest itself.
    commented = inbox / "ccas" / "domiciliations_2024-05.xlsx"
    commented.write_bytes(workbook.read_bytes())
    _manifest(commented, "ccas", "domiciliations", 1, comment="préparé par Zéphyrinquel")


def _deliver(path: Path, lines: list[str], encoding: str = "cp1252") -> None:
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    _manifest(path, "siao_115", "appels", len(lines) - 1)


def _manifest(path: Path, operator: str, extract: str, rows: int, **more: str) -> None:
    manifest = {
        "schema_version": 1,
        "operator": operator,
        "extract": extract,
        "reference_month": path.stem[-7:],
        "received_at": "2024-08-10T09:00:00",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": rows,
        "synthetic": True,
        **more,
    }
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


ENCOUNTERS = [
    "ref,nom,prenom_ou_surnom,ddn,genre,date,secteur,lieu_de_vie,besoins,Zéphyrinquel",
    "M1,Zéphyrinquel,Yxelloé,29-11-1937,F,04-03-2024,Dijon,à la rue,voir Quorvaz-Brindolfe,0699887743",
    "M2,Quorvaz-Brindolfe,Yxelloé,29-11-1937,Zéphyrinquel,05-03-2024,17 ruelle des Quatre-Zorvins,à la rue,,",
    # Set aside: no date that can be read, no number.
    "M3,Trouvelzac,Yxelloé,29-11-1937,F,Zéphyrinquel,Dijon,à la rue,,06 99 88 77 43",
    ",Wolfeschlegelsteinhausenbergerdorffwelt,Yxelloé,29-11-1937,F,05-03-2024,Dijon,à la rue,,",
]


def _plant_sealed(clear: Path) -> list[Path]:
    """Files of an operator that seals: two sound, one to be damaged on its way, two that are not even sealed."""
    cut = [*ENCOUNTERS[:3], "M9,Zéphyrinquel"]
    months = {"202403": ENCOUNTERS, "202404": ENCOUNTERS[:3], "202405": ENCOUNTERS, "202406": cut}
    months["202407 Zéphyrinquel"] = ENCOUNTERS
    for month, lines in months.items():
        path = clear / f"maraude_{month}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(("\n".join(lines) + "\n").replace("-03-2024", f"-{month[4:6]}-2024").encode())
        _manifest(path, "maraude", "rencontres", len(lines) - 1, reference_month=f"{month[:4]}-{month[4:6]}")
    return sorted(clear.glob("*.csv"))


def _project_that_asks_for_seals(copy: Path, public: Path) -> None:
    """Write the operator's public key in the contract of a copy of the project."""
    contract = copy / "models" / "staging" / "maraude" / "_maraude__sources.yml"
    key = json.loads(public.read_text(encoding="utf-8"))["signing_key"]
    text = contract.read_text(encoding="utf-8")
    asking = text.replace("agreement:", f'signing_keys: [{{key: "{key}"}}]\n        agreement:', 1)
    contract.write_text(asking, encoding="utf-8")


def _send(sealed: Path, inbox: Path) -> None:
    """Copy what was sealed to the inbox, one file damaged on its way."""
    folder = shutil.copytree(sealed, inbox / "maraude")
    damaged = folder / "maraude_rencontres_2024-04_001.age"
    damaged.write_bytes(damaged.read_bytes()[:-40])


@pytest.fixture(scope="module")
def after_a_bad_month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which every command of the month ran on the planted inbox, with what it printed."""
    folder = tmp_path_factory.mktemp("leak")
    planted = tmp_path_factory.mktemp("planted")
    inbox, project = planted / "inbox", planted / "project"
    _plant(inbox)
    files = _plant_sealed(planted / "clear")
    for part in ("models", "seeds", "macros", "tests", "analyses"):
        shutil.copytree(PROJECT / part, project / part, ignore=shutil.ignore_patterns("python"))
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy2(PROJECT / part, project / part)
    environment = {
        **os.environ,
        "SYNCHRO_PROJECT": str(project),
        "SYNCHRO_WAREHOUSE": str(folder / "warehouse" / "synchro.duckdb"),
        "SYNCHRO_VAULT": str(folder / "warehouse" / "vault.duckdb"),
        "SYNCHRO_KEYS": str(folder / "keys" / "synchro.json"),
        "SYNCHRO_RECEIPTS": str(folder / "receipts"),
        "SYNCHRO_PUBLISHED": str(folder / "published"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "TMPDIR": str(folder),
    }
    bin_folder = Path(sys.executable).parent
    sealing = [bin_folder / "synchro", "seal", "--operator", "maraude", "--out", folder / "sealed"]
    commands = [
        [bin_folder / "synchro", "keygen"],
        [bin_folder / "synchro", "keygen", "--operator", "maraude"],
        lambda: _project_that_asks_for_seals(project, folder / "keys" / "public" / "operateur-maraude.json"),
        [*sealing, *(file for file in files if "202405" not in file.name)],
        [*sealing, "--no-encode", *(file for file in files if "202405" in file.name)],
        lambda: _send(folder / "sealed", inbox),
        [bin_folder / "synchro", "land", inbox],
        [bin_folder / "dbt", "--log-level-file", "debug", "build"],
        [bin_folder / "dbt", "docs", "generate", "--static", "--target-path", folder / "docs"],
        [bin_folder / "synchro", "publish", "--audience", "internal"],
        *([bin_folder / "synchro", "feedback", operator] for operator in ("siao_115", "ccas", "maraude")),
        [bin_folder / "synchro", "land", inbox],
    ]
    for number, command in enumerate(commands):
        if callable(command):
            command()
            continue
        done = subprocess.run([str(part) for part in command], cwd=project, env=environment, capture_output=True)
        (folder / f"printed-{number}.txt").write_bytes(done.stdout + done.stderr)
    return folder


def test_the_month_went_as_planned(after_a_bad_month: Path) -> None:
    """The search below means something only if files were landed, refused, built and published."""
    receipts = [json.loads(path.read_text()) for path in sorted((after_a_bad_month / "receipts").glob("*.json"))]
    statuses = sorted(receipt["status"] for receipt in receipts)
    assert statuses.count("rejected") >= 6
    assert statuses.count("accepted") >= 3
    sealed = [receipt for receipt in receipts if receipt["delivery_number"] and receipt["status"] == "accepted"]
    counts = ("rows_landed", "rows_quarantined", "columns_unknown")
    assert [tuple(receipt[count] for count in counts) for receipt in sealed] == [(2, 2, 1)] * 2
    assert all(receipt["signature"] for receipt in receipts)
    manifests = [json.loads(path.read_text()) for path in sorted((after_a_bad_month / "sealed").glob("*.json"))]
    assert [manifest["is_encoded"] for manifest in manifests] == [True, True, False]
    assert list((after_a_bad_month / "published").rglob("*.parquet"))
    assert len(list((after_a_bad_month / "warehouse" / "retours").glob("*.xlsx"))) == 3
    assert (after_a_bad_month / "docs" / "static_index.html").exists()


def test_no_canary_is_found_anywhere(after_a_bad_month: Path) -> None:
    assert find_leaks([after_a_bad_month], CANARIES) == []
