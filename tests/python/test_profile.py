"""What `synchro profile` guesses of a file, what it says of its contract, and what it never shows."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from conftest import PROJECT
from leaks import find_leaks
from lhss import HEADERS, lhss_rows, lhss_workbook
from synchro.cli import main
from synchro.contracts import ColumnContract, load_contracts
from synchro.errors import RejectedFile, SynchroError
from synchro.guard import Guard
from synchro.onboarding.knowledge import Field, Knowledge
from synchro.onboarding.opening import Opened, open_unknown
from synchro.onboarding.profiling import FileProfile, study
from synchro.onboarding.report import write_report
from synchro.onboarding.sniffing import guess_encoding, sniff
from synchro.onboarding.suggesting import ALIKE, suggest_fields
from test_no_leak import CANARIES
from test_scaffold import copy_project, simulated_files


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(PROJECT)


# ------------------------------------------------------------------------------------------- suggestions


@dataclass
class Score:
    """How many suggestions are right, of how many; the wrong ones in words."""

    right: Counter = field(default_factory=Counter)
    all: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, kind: str, is_right: bool, words: str) -> None:
        self.all[kind] += 1
        self.right[kind] += is_right
        self.wrong += [] if is_right else [words]

    def share(self, kind: str) -> float:
        return self.right[kind] / self.all[kind]


def _mapped_words(operator: str) -> dict[tuple[str, str], str]:
    """(vocabulary, source key) -> the code that the operator's own mapping gives it."""
    found = {}
    for path in (PROJECT / "seeds/mappings").glob("map_*.csv"):
        vocabulary = path.stem.removeprefix("map_")
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["operator"] == operator]
        found |= {(vocabulary, row["source_value"]): row[vocabulary] for row in rows}
    return found


def _is_right(suggested: Field, column: ColumnContract) -> bool:
    """Same role and, for what is stored, same vocabulary or same type."""
    if suggested.role != "value" or column.role != "value":
        return suggested.role == column.role
    if column.vocabulary or column.code:
        return suggested.vocabulary == column.vocabulary and (suggested.kind == "code") == column.code
    return suggested.kind == ("date" if column.is_date else column.type)


def _score(simulated: Path, knowledge_without: Callable[[str], Knowledge]) -> Score:
    """Suggestions for the last file of each extract, against the contract and the mapping that were not used."""
    score = Score()
    for extract, file in simulated_files(simulated):
        known, words = knowledge_without(extract.operator), _mapped_words(extract.operator)
        opened = open_unknown(file.read_bytes(), known)
        columns = {column.header: column for column in extract.columns}
        suggestions = suggest_fields(opened.headers, opened.shapes, known)
        for header, shape, suggestion in zip(opened.headers, opened.shapes, suggestions, strict=True):
            column, found = columns[header], suggestion.field
            place = f"{extract.operator}, {extract.name}, {header}"
            score.count("column", _is_right(found, column), f"{place} : {found.field}")
            for key in shape.keys if column.vocabulary else ():
                code = words.get((column.vocabulary, key))
                if code:
                    like, proposed, likeness = known.nearest[column.vocabulary].find(key)
                    is_right = proposed == code and likeness >= ALIKE
                    score.count("word", is_right, f"{place}, {key} : {proposed} ({like})")
    return score


def _told(title: str, score: Score) -> None:
    print(f"\n{title} : colonnes {score.share('column'):.1%} sur {score.all['column']}, ", end="")
    print(f"mots {score.share('word'):.1%} sur {score.all['word']}")
    print("\n".join(f"  {words}" for words in score.wrong))


def test_roles_are_right_without_any_contract(simulated: Path, tmp_path: Path) -> None:
    """The project without the ten contracts: header words, vocabularies and mappings are all that is known."""
    shutil.copytree(PROJECT / "seeds", tmp_path / "seeds")
    shutil.copytree(PROJECT / "models/harmonised", tmp_path / "models/harmonised")
    shutil.copy2(PROJECT / "dbt_project.yml", tmp_path)
    assert load_contracts(tmp_path) == {}
    bare = Knowledge(tmp_path)
    score = _score(simulated, lambda _: bare)
    _told("Sans contrats", score)
    assert score.share("column") >= 0.95
    assert score.share("word") >= 0.85


def test_roles_and_codes_are_right_without_anything_of_the_operator(simulated: Path) -> None:
    """Each operator in turn as a newcomer: neither its contract, nor its words, nor its headers are known."""
    score = _score(simulated, cache(lambda operator: Knowledge(PROJECT, without=operator)))
    _told("Chaque opérateur comme un inconnu", score)
    assert score.share("column") >= 0.95
    assert score.share("word") >= 0.85


def test_a_newcomer_has_nothing_of_its_own_known() -> None:
    newcomer = Knowledge(PROJECT, without="accueil_jour")
    assert ("dort",) in Knowledge(PROJECT).phrases["situation"]
    assert ("dort",) not in newcomer.phrases["situation"]
    # A header that others write too is no secret of the operator.
    assert ("nom",) in newcomer.phrases["last_name"]
    assert "ucsd" in Knowledge(PROJECT).words["need"]
    assert "ucsd" not in Knowledge(PROJECT, without="siao_insertion").words["need"]


# -------------------------------------------------------------------------------------------- the format


@pytest.mark.parametrize(
    ("content", "encoding", "is_sure"),
    [
        ("\ufeffNom;Prénom".encode(), "utf-8-sig", True),
        ("Nom;Prénom".encode(), "utf-8", True),
        ("Nom;Prénom;Élise".encode("cp1252"), "cp1252", True),
        (b"Nom;Age", "utf-8", False),
        # Written on an old DOS machine: readable as cp1252, but into no French.
        ("Prénom;Véhicule;Hébergé".encode("cp850"), "cp1252", False),
    ],
)
def test_the_encoding_is_guessed_with_its_doubt(content: bytes, encoding: str, is_sure: bool) -> None:
    guess = guess_encoding(content)
    assert guess.value == encoding
    assert (guess.sure >= 0.9) == is_sure


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_the_delimiter_and_the_header_row_are_guessed(sign: str, knowledge: Knowledge) -> None:
    rows = [["Export du 3 mai"], ["Nom", "Prénom", "Sexe", "Commune"], ["ALPHA", "Bo", "F", "Dijon, centre"]]
    text = io.StringIO()
    csv.writer(text, delimiter=sign).writerows(rows + 9 * rows[-1:])
    sniffed = sniff(text.getvalue().encode(), knowledge)
    assert sniffed.format.delimiter == sign
    assert sniffed.headers == rows[1]
    assert sniffed.lines_above == 1
    assert open_unknown(text.getvalue().encode(), knowledge).rows == 10


def test_the_sheet_of_the_data_is_found_among_others(knowledge: Knowledge) -> None:
    opened = open_unknown(lhss_workbook(lhss_rows()), knowledge)
    assert (opened.sniffed.format.sheet, opened.sniffed.format.header_row) == ("Présents du mois", 3)
    assert opened.headers == HEADERS
    assert opened.rows == len(lhss_rows())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY"),
        ("Nom;Prénom\nA;B\n".encode("utf-16"), "ENCODING"),
        (b"Nom;Ville\0\n", "FORMAT"),
        (b"un mot\nun autre\n", "DELIMITER"),
        (b"ALPHA;Bo;12/03/1980;F\nBETA;Ly;13/03/1981;M\n", "HEADER"),
        ("Nom;Prénom;NOM\nA;B;C\n".encode(), "HEADER_TWICE"),
    ],
)
def test_what_no_contract_can_describe_is_refused(content: bytes, code: str, knowledge: Knowledge) -> None:
    with pytest.raises(RejectedFile) as refusal:
        open_unknown(content, knowledge)
    assert refusal.value.code == code
    assert "ALPHA" not in str(refusal.value)


def _opened(header: str, values: list[str], knowledge: Knowledge) -> Opened:
    lines = [f"N° dossier;{header}", *(f"D{place};{value}" for place, value in enumerate(values))]
    return open_unknown("\n".join(lines).encode(), knowledge)


def test_date_formats_are_told_with_their_shares(knowledge: Knowledge) -> None:
    opened = _opened("Entrée", ["03/04/2024", "25/12/2023", "2024-01-09", "09/01/2024 10:30"], knowledge)
    forms = [(form.format, form.share) for form in opened.shapes[1].dates]
    assert forms == [("%d/%m/%Y", 0.5), ("%Y-%m-%d", 0.25), ("%d/%m/%Y %H:%M", 0.25)]
    american = _opened("Entrée", ["03/04/2024", "12/25/2023", "01/13/2024"], knowledge)
    assert american.shapes[1].typical_format == "%m/%d/%Y"


# --------------------------------------------------------------------------------- against the contract


def _profile(tmp_path: Path, name: str, text: str, operator: str) -> FileProfile:
    path = tmp_path / name
    path.write_bytes(text.encode("cp1252"))
    return study(path, PROJECT, operator).profile


def test_differences_from_the_contract_are_named(tmp_path: Path) -> None:
    headers = [
        *("N° dossier", "Date appel", "Nom", "Prénoms", "Date de naissance", "Sexe", "Composition familiale"),
        *("Commune d'appel", "Situation", "Durée demandée", "Ressources"),
    ]
    rows = [
        [f"D{n}", "04/03/2024 21:10", name, name, "12/03/1980", "F", "femme seule", "Dijon", "rue", "3", "RSA"]
        for n, name in enumerate(("Lina", "Omar", "Ines", "Pavel", "Aya", "Noé", "Eva", "Salim"))
    ]
    rows[0][1] = "04/03/2024"
    for row in rows[:4]:
        row[8] = "hamac"
    text = "\n".join(";".join(row) for row in [headers, *rows])
    profile = _profile(tmp_path, "appels_115_2024-03.csv", text, "siao_115")
    told = {(difference.kind, difference.where): difference.what for difference in profile.differences}
    assert profile.contract == "siao_115, appels"
    assert told[("renommée", "« Prénom »")] == "absente ; « Prénoms » lui ressemble"
    assert told[("manquante", "« Réponse »")] == "absente du fichier"
    assert told[("nouvelle", "colonne 11, « Ressources »")] == "hors contrat, ressemble à : Ressources"
    assert "12,5 % des cases illisibles en %d/%m/%Y %H:%M" in told[("type", "« Date appel »")]
    assert told[("mots", "« Situation »")].startswith("1 mot(s) sans traduction (4 ligne(s))")
    assert len(told) == 5


def test_a_file_that_follows_its_contract_differs_in_nothing_but_new_words(simulated: Path) -> None:
    for extract, file in simulated_files(simulated):
        if extract.operator not in ("accueil_jour", "logement", "syplo"):
            continue
        profile = study(file, PROJECT).profile
        assert profile.contract == f"{extract.operator}, {extract.name}"
        # Dates that no calendar has and a few untranslated words are part of the simulation.
        assert {difference.kind for difference in profile.differences} <= {"mots", "type"}, profile.differences


def test_an_operator_without_a_contract_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(SynchroError, match="aucun contrat pour l'opérateur personne"):
        _profile(tmp_path, "x.csv", "Nom;Prénom\nA;B\n", "personne")


# ------------------------------------------------------------------------------------------ never shown

REPEATED = "Quorvaz-Brindolfe"


def _planted_rows() -> list[list[object]]:
    """The list of medical beds with canaries wherever a person's data may stray."""
    rows = lhss_rows()
    for place, row in enumerate(rows):
        row[1], row[2] = CANARIES["accented name"], CANARIES["first name"]
        row[3] = date(1937, 11, 29)
        row[12] = CANARIES["long name"]
        row[13] = f"{CANARIES['phone']} {CANARIES['address']} {CANARIES['e-mail']}"
        if place % 3 == 0:
            # In coded columns, often: a name of the file, one that only stands there, a number, an address.
            row[7] = f"Chez {CANARIES['accented name']}"
            row[8] = CANARIES["address"]
            row[9] = f"Chez {REPEATED}"
            row[10] = CANARIES["birth name"]
            row[11] = CANARIES["spaced phone"]
    rows[1][4] = CANARIES["birth name"]
    rows[2][0] = CANARIES["social security number"]
    rows[4][5] = CANARIES["birth date"]
    return rows


def test_nothing_planted_is_found_in_what_is_printed_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copy_project(tmp_path)
    monkeypatch.setenv("SYNCHRO_PROJECT", str(project))
    monkeypatch.setenv("COLUMNS", "300")
    planted, out = tmp_path / "planted", project / "printed"
    planted.mkdir()
    out.mkdir()
    headers = [*HEADERS, f"{CANARIES['accented name']} {CANARIES['phone']}", CANARIES["first name"]]
    rows = [[*row, "x", "y"] for row in _planted_rows()]
    sheet = lhss_workbook(rows, headers)
    named = lhss_workbook(_planted_rows(), HEADERS, CANARIES["accented name"])
    text = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in [headers, *rows])
    headless = "\n".join(";".join(map(str, row[:5])) for row in _planted_rows())
    files = {
        "lhss_2024-03.xlsx": sheet,
        "lhss_2024-03.csv": text.encode(),
        f"export {CANARIES['accented name']} 2024-03.xlsx": sheet,
        "named_sheet.xlsx": named,
        "headless.csv": headless.encode(),
    }
    statuses = []
    for number, (name, content) in enumerate(files.items()):
        (planted / name).write_bytes(content)
        page = out / f"{number}.html"
        for command in (["profile", planted / name, "--html", page], ["scaffold", f"op{number}", planted / name]):
            monkeypatch.setattr(sys, "argv", ["synchro", *map(str, command)])
            try:
                main()
                statuses.append(0)
            except SystemExit as stopped:
                statuses.append(stopped.code or 0)
            printed = capsys.readouterr()
            (out / f"{number}-{command[0]}.txt").write_text(printed.out + printed.err, encoding="utf-8")
    # The sound files are profiled and scaffolded; the sheet with a name is no contract, the headless file nothing.
    assert statuses == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert "Lits halte soins santé" in (out / "0.html").read_text(encoding="utf-8")
    assert find_leaks([project], CANARIES | {"name of no column": REPEATED}) == []


def test_the_search_finds_what_the_profile_would_show_without_its_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Knowledge, "is_of_the_trade", lambda *_: True)
    monkeypatch.setattr(Guard, "is_suspect", lambda *_: False)
    (tmp_path / "lhss.xlsx").write_bytes(lhss_workbook(_planted_rows()))
    write_report(study(tmp_path / "lhss.xlsx", PROJECT).profile, tmp_path / "out" / "profil.html")
    leaks = find_leaks([tmp_path / "out"], CANARIES | {"name of no column": REPEATED})
    found = {leak.split(" @ ")[0] for leak in leaks}
    assert {"accented name", "name of no column", "spaced phone", "address"} <= found
