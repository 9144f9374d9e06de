"""The simulated territory: files that follow the contracts, the same bytes for the same seed, a truth beside."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synchro.contracts import STANDARD, load_contracts
from synchro.errors import SynchroError
from synchro.normalise import normalise_name, source_key
from synchro.readers import read
from synchro.settings import find_project
from synchro.simulate import extracts, identities, incidents, names, simulate, writers

PROJECT = find_project()
OPTIONS = {"persons": 120, "months": 4, "seed": 7}


@pytest.fixture(scope="module")
def contracts():
    return {name: contract for name, contract in load_contracts(PROJECT).items() if name != STANDARD}


@pytest.fixture(scope="module")
def territory(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("simulated") / "out"
    simulate(out, **OPTIONS)
    return out


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def delivered(folder: Path) -> dict[Path, dict]:
    """File -> manifest."""
    manifests = sorted((folder / "inbox").rglob("*.manifest.json"))
    return {
        path.with_name(path.name.removesuffix(".manifest.json")): json.loads(path.read_text(encoding="utf-8"))
        for path in manifests
    }


# ------------------------------------------------------------------------------------------------ words


def mapping_codes() -> dict[tuple[str, str, str], str]:
    codes = {}
    for path in sorted((PROJECT / "seeds/mappings").glob("map_*.csv")):
        field = path.stem.removeprefix("map_")
        with path.open(encoding="utf-8", newline="") as lines:
            codes.update({(row["operator"], field, row["source_value"]): row[field] for row in csv.DictReader(lines)})
    return codes


def test_every_word_is_mapped_to_its_code_and_odd_words_are_not():
    mapped = mapping_codes()
    with extracts.WORDS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = {
        (row["operator"], row["field"], row["word"]): mapped.get(
            (row["operator"], row["field"], source_key(row["word"])), extracts.UNMAPPED
        )
        for row in rows
    }
    wrong = [row for row in rows if found[row["operator"], row["field"], row["word"]] != row["code"]]
    assert wrong == []


def test_fields_of_the_contracts_have_words_that_their_encoding_can_write(contracts):
    for operator in contracts.values():
        for extract in operator.extracts.values():
            encoding = getattr(extract.format, "encoding", "utf-8")
            fields = {column.vocabulary for column in extract.columns if column.vocabulary}
            for field in fields - ({"situation"} if operator.operator == "dna" else set()):
                for words, _ in extracts.load_words()[operator.operator, field].values():
                    "".join(words).encode(encoding)


# ------------------------------------------------------------------------------------- names, identities


def some_persons(count: int) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "household": np.arange(count) // 2,
            "role": np.where(np.arange(count) % 2, "partner", "head"),
            "sex": np.where(np.arange(count) % 2, "female", "male"),
            "birth_date": np.datetime64("1950-01-01", "s") + rng.integers(0, 20_000, count).astype("timedelta64[D]"),
            "origin": rng.choice(sorted(names.LAST_NAMES), count),
            "is_married": np.arange(count) % 4 == 1,
        }
    )


def named(count: int) -> pd.DataFrame:
    persons = some_persons(count)
    return names.draw_names(persons, np.random.default_rng(6)).assign(birth_date=persons["birth_date"])


def test_names_have_a_long_tail_and_read_as_names():
    drawn = named(20_000)
    counts = drawn["last_name"].value_counts()
    assert (counts == 1).sum() > 3_000
    assert counts.iloc[0] > 50
    assert drawn.loc[:999, ["last_name", "first_name"]].map(normalise_name).notna().all(axis=None)
    assert (drawn["last_name"] != drawn["birth_name"]).mean() > 0.05


def test_names_can_be_written_in_the_encoding_of_every_csv():
    drawn = named(5_000)
    "".join(drawn["last_name"] + drawn["first_name"]).encode("latin-1")


@pytest.mark.parametrize("edit", [identities.mistype, identities.transliterate, identities.nickname])
def test_an_edit_changes_a_name_a_little(edit):
    rng = np.random.default_rng(1)
    edited = {edit("Hamidouk", rng) for _ in range(40)}
    assert len(edited) > 1
    assert all(name and abs(len(name) - 8) <= 6 for name in edited)


def test_edits_of_dates_are_dates():
    assert identities.swap_day_and_month(np.datetime64("1980-05-12")) == np.datetime64("1980-12-05")
    assert identities.swap_day_and_month(np.datetime64("1980-05-22")) == np.datetime64("1980-05-22")
    assert identities.shift_year(np.datetime64("1980-02-29"), 1) == np.datetime64("1981-02-28")


def test_a_part_of_a_double_name_is_never_a_particle():
    rng = np.random.default_rng(1)
    assert {identities.one_part("Martin-Roux", rng) for _ in range(20)} == {"Martin", "Roux"}
    assert identities.one_part("El Amrani", rng) == "El Amrani"


# --------------------------------------------------------------------------------------------- incidents


@pytest.mark.parametrize("months", [1, 2, 3, 24])
def test_incidents_fall_in_the_simulated_months_each_on_its_own_file(months):
    plan = incidents.plan_incidents(months)
    assert all(0 <= item.month < months for item in plan)
    assert len({(item.operator, item.month) for item in plan}) == len(plan) == (4 if months >= 3 else 3)


# ------------------------------------------------------------------------------------------------- files


def test_cells_and_quotes_survive_a_reading():
    columns = {"a": ['x;"y"', "", "ligne"], "b": ["é", "1", ""]}
    text = writers.csv_content(columns, "cp1252", ";").decode("cp1252")
    assert text == 'a;b\r\n"x;""y""";é\r\n;1\r\nligne;\r\n'


def test_a_workbook_is_the_same_bytes_each_time():
    made = {writers.xlsx_content({"a": ["x", 1, ""]}, "Feuille", 2, ["titre"]) for _ in range(2)}
    assert len(made) == 1


def test_files_follow_the_contracts(territory, contracts):
    files = delivered(territory)
    assert {manifest["operator"] for manifest in files.values()} == set(contracts)
    for path, manifest in files.items():
        contract = contracts[manifest["operator"]].extracts[manifest["extract"]]
        content = path.read_bytes()
        delivery = read(content, contract)
        assert str(contract.month_of(path.name))[:7] == manifest["reference_month"]
        assert delivery.rows == manifest["rows"]
        assert hashlib.sha256(content).hexdigest() == manifest["sha256"]
        assert manifest["synthetic"] is True


def test_incidents_are_told_and_seen(territory):
    report = json.loads((territory / "simulation.json").read_text(encoding="utf-8"))
    told = {item["kind"]: item for item in report["incidents"]}
    assert {"late", "corrected", "missing", "new_column"} <= set(told)
    files = delivered(territory)
    months = {manifest["reference_month"] for manifest in files.values() if manifest["operator"] == "maraude"}
    assert told["missing"]["month"] not in months
    assert [path.name for path in files if "_v2" in path.name] == [
        f"hebergement_sejours_{told['corrected']['month']}_v2.csv"
    ]
    late = max(files.values(), key=lambda manifest: pd.Timestamp(manifest["received_at"]) - _due(manifest))
    assert (late["operator"], late["reference_month"]) == ("ccas", told["late"]["month"])


def _due(manifest: dict) -> pd.Timestamp:
    return (pd.Period(manifest["reference_month"], "M") + 1).to_timestamp()


def test_each_row_about_a_person_has_its_person(territory):
    record_rows = pd.read_parquet(territory / "truth/record_rows.parquet")
    persons = pd.read_parquet(territory / "truth/persons.parquet")
    assert not record_rows.duplicated(["operator", "file", "source_row"]).any()
    assert record_rows["person_id"].isin(persons["person_id"]).all()
    rows = Counter(record_rows["file"])
    for path, manifest in delivered(territory).items():
        assert rows[path.name] == (0 if manifest["extract"] == "capacites" else manifest["rows"])


def test_the_truth_has_a_row_per_person_and_month_end(territory):
    person_months = pd.read_parquet(territory / "truth/person_months.parquet")
    assert not person_months.duplicated(["person_id", "month_end"]).any()
    assert person_months["month_end"].nunique() == OPTIONS["months"]
    assert {"situation", "is_homeless", "is_seen", "seen_situation"} <= set(person_months.columns)


def test_same_options_same_bytes(territory, tmp_path):
    simulate(tmp_path / "same", **OPTIONS)
    assert digests(tmp_path / "same") == digests(territory)


def test_another_seed_writes_other_persons(tmp_path):
    small = {"persons": 20, "months": 1}
    for seed in (1, 2):
        simulate(tmp_path / str(seed), **small, seed=seed)
    assert digests(tmp_path / "1/truth") != digests(tmp_path / "2/truth")


# -------------------------------------------------------------------------------------- folder, options


def test_a_second_run_writes_nothing(territory):
    before = {path: path.stat().st_mtime_ns for path in territory.rglob("*")}
    assert "état" in simulate(territory, **OPTIONS)
    assert {path: path.stat().st_mtime_ns for path in territory.rglob("*")} == before


def test_a_folder_with_anything_else_is_refused(territory, tmp_path):
    (tmp_path / "notes.txt").write_text("à moi")
    for folder, options in ((tmp_path, OPTIONS), (territory, {**OPTIONS, "months": 5})):
        with pytest.raises(SynchroError) as refusal:
            simulate(folder, **options)
        assert refusal.value.code == "OUT"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "options",
    [{"persons": 0}, {"months": 0}, {"seed": -1}, {"start": "2024-13"}, {"start": "janvier"}, {"ghost_rate": 1.5}],
)
def test_options_out_of_bounds_are_refused(options, tmp_path):
    with pytest.raises(SynchroError) as refusal:
        simulate(tmp_path / "out", **{**OPTIONS, **options})
    assert refusal.value.code == "OPTION"
    assert not (tmp_path / "out").exists()
