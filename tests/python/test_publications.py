"""Publications one after the other: numbered, frozen, chained; and any change to one of them is found."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import publishing_kit
from publishing_kit import Installation, files_in, installation_in, small_installation
from synchro.cli import app
from synchro.disclosure import Disclosed
from synchro.errors import SynchroError
from synchro.publication import edition
from synchro.publication.database import Described, table_names, write_database
from synchro.publication.manifest import Manifest, file_sha256, files_of, read_manifest, sealed, written
from synchro.publication.provenance import source_of
from synchro.publication.shelf import Shelf
from synchro.publication.spreadsheet import write_csv
from synchro.reception import generate_reception, load_public, public_path
from synchro.signing import SIGNATURE, new_signing_key, public_key_of
from synchro.verify import Verification, altered_files, verify

NEXT_MONTH = """
    update indicators.ind_monthly_flows set active_end = 44 where reference_month = date '2024-02-01';
    insert into indicators.ind_monthly_flows values (date '2024-04-01', 'person', 'total', 'total', 61, 3)
"""


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "disclose", publishing_kit.disclose)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small warehouse with two public vintages and the second internal publication."""
    folder = tmp_path_factory.mktemp("origin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edition, "disclose", publishing_kit.disclose)
        installation = small_installation(folder)
        for audience in ("public", "internal"):
            assert installation.publish(audience).is_new
        installation.sql(NEXT_MONTH)
        for audience in ("public", "internal"):
            assert installation.publish(audience).vintage == 2
    return folder


@pytest.fixture
def built(origin: Path, tmp_path: Path) -> Installation:
    """A copy of it, free to be changed."""
    shutil.copytree(origin, tmp_path, symlinks=True, dirs_exist_ok=True)
    return installation_in(tmp_path)


@pytest.fixture
def published(built: Installation) -> Path:
    return built.settings.published


def _manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def _places(verification: Verification) -> set[str]:
    return {finding.where for finding in verification.findings}


def _write(path: Path, content: bytes) -> None:
    """Write a frozen file, as its owner may."""
    path.parent.chmod(0o700)
    if path.exists():
        path.chmod(0o600)
    path.write_bytes(content)


def _write_manifest(folder: Path, manifest: Manifest, signing_key: str | None = None) -> None:
    """Seal a folder again, as someone would who knows how."""
    _write(folder / "manifest.json", written(sealed(manifest, signing_key)))


def test_vintages_are_numbered_frozen_and_chained(published: Path) -> None:
    vintages = sorted(path.name for path in (published / "vintages").iterdir())
    assert vintages == ["internal-0001.json", "internal-0002.json", "public-0001", "public-0002"]
    assert os.readlink(published / "public") == "vintages/public-0002"
    # Of the internal publications the last alone is kept: it is persons' data.
    assert len(list(published.glob(".internal-*/"))) == 1
    first, second = published / "vintages/public-0001", published / "vintages/public-0002"
    assert _manifest(first)["previous"] is None
    assert _manifest(second)["previous"] == {"vintage": 1, "sha256": file_sha256(first / "manifest.json")}
    assert (published / "vintages/internal-0002.json").read_bytes() == (
        published / "internal/manifest.json"
    ).read_bytes()
    assert verify(published).findings == []
    assert verify(published / "public").findings == []


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_the_same_content_makes_no_new_vintage(built: Installation, published: Path, audience: str) -> None:
    before = files_in(published)
    again = built.publish(audience)
    assert (again.vintage, again.is_new) == (2, False)
    assert files_in(published) == before
    assert not list((published / "vintages").glob(".*"))


def test_a_month_published_stays_until_a_revision_says_what_moved(built: Installation, published: Path) -> None:
    def flows() -> dict[str, Any]:
        rows = pq.read_table(published / "public/data/synchro/ind_monthly_flows.parquet").to_pylist()
        return {row["reference_month"].isoformat()[:7]: (row["active_end"], row["inflow"]) for row in rows}

    def revisions() -> list[tuple[Any, ...]]:
        rows = pq.read_table(published / "public/data/synchro/ind_revisions.parquet").to_pylist()
        return [tuple(row.values()) for row in rows if row["reference_month"].month == 2]

    assert flows() == {"2024-02": (40, None), "2024-03": (50, 25), "2024-04": (60, None)}
    key = [*next(iter(revisions()))[:5]]
    assert revisions() == [(*key, 40.0, 40.0, None)]
    assert built.publish("public", revise=True).vintage == 3
    assert flows()["2024-02"] == (45, None)
    # The exact figures moved for this reason; of them nothing else leaves.
    assert revisions() == [(*key, 40.0, 45.0, "late_delivery")]
    assert _manifest(published / "public")["is_revision"] is True
    assert not built.publish("public", revise=True).is_new
    assert not built.publish("public").is_new
    assert verify(published).findings == []


def test_types_of_both_editions_are_those_of_the_warehouse(published: Path) -> None:
    flows = {
        audience: pq.read_schema(published / audience / "data/synchro/ind_monthly_flows.parquet")
        for audience in ("public", "internal")
    }
    assert flows["public"].equals(flows["internal"])
    assert str(flows["public"].field("reference_month").type).startswith("date32")
    assert flows["public"].field("inflow").type == pa.int64()
    described = json.loads((published / "public/dictionary.json").read_text())["tables"]
    columns = {
        column["name"]: column for column in next(t for t in described if t["name"] == "ind_monthly_flows")["columns"]
    }
    assert columns["inflow_status"]["label_fr"] == "état de la case"


def test_the_public_edition_says_what_is_hidden_and_nothing_of_a_single_file(published: Path) -> None:
    readme = (published / "public/README.txt").read_text()
    for words in (
        "moins de 11 personnes",
        "multiple de 5",
        "15 au moins",
        "ne s'additionnent pas",
        "DONNÉES FICTIVES",
    ):
        assert words in readme.replace("\n  ", " ")
    assert "ind_stock : non remise (secret)" in readme
    manifest = _manifest(published / "public")
    assert manifest["mention"].startswith("DONNÉES FICTIVES")
    assert manifest["inputs"].keys() == {"deliveries", "known_until", "sha256"}
    assert manifest["parameters"]["disclosure"]["threshold"] == 11
    assert manifest["tests"] == {"pass": 1, "success": 1, "warned": []}
    assert [file["sha256"] for file in _manifest(published / "internal")["inputs"]["files"]] == ["a", "b"]
    assert not list(published.glob("public/*.xlsx"))


def test_the_database_is_new_and_holds_the_tables_alone(published: Path) -> None:
    path = published / "internal" / "synchro.duckdb"
    assert table_names(path) == [table["name"] for table in _manifest(published / "internal")["tables"]]
    assert not path.with_name("synchro.duckdb.wal").exists()
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute(
            "select comment from duckdb_columns() where table_name = 'compiled_list' and column_name = 'situation'"
        ).fetchone() == ("=Where the person slept. (fr: lieu de nuit)",)
        comment = "select comment from duckdb_tables() where table_name = 'communes'"
        assert connection.execute(comment).fetchone()[0].startswith("DONNÉES FICTIVES")
        versions = connection.execute("select tags['storage_version'] from duckdb_databases()").fetchall()
        assert ("v1.0.0+",) in versions


def test_one_changed_byte_is_found_in_any_file(published: Path) -> None:
    for folder in (published / "public", published / "internal"):
        for name in files_in(folder):
            path = folder.resolve() / name
            content = path.read_bytes()
            changed = bytearray(content)
            changed[len(content) // 2] ^= 1
            _write(path, bytes(changed))
            assert [finding.where for finding in altered_files(folder.resolve())] == [
                f"{folder.resolve().name}/{name}"
            ]
            _write(path, content)
    assert verify(published).findings == []


def test_one_changed_byte_is_found_anywhere_in_a_manifest(published: Path, tmp_path: Path) -> None:
    content = (published / "public/manifest.json").read_bytes()
    copy = tmp_path / "manifest.json"
    # A prime step: in time every kind of place is met.
    for position in range(0, len(content), 13):
        changed = bytearray(content)
        changed[position] ^= 1
        copy.write_bytes(changed)
        assert read_manifest(copy) is None


def test_a_manifest_names_the_tests_that_warned_and_the_commit(built: Installation, tmp_path: Path) -> None:
    def warn(results: dict[str, Any]) -> None:
        results["results"].append({"unique_id": "test.synchro.words_are_known.2", "status": "warn"})

    built.edit("run_results.json", warn)
    git = ["git", "-C", tmp_path, "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "x"], check=True)
    built.sql("update indicators.ind_monthly_flows set active_end = 90")
    built.publish()
    manifest = _manifest(built.folder)
    assert manifest["tests"] == {"pass": 1, "success": 1, "warn": 1, "warned": ["words_are_known"]}
    assert len(manifest["source"]["commit"]) == 40
    assert manifest["source"]["is_dirty"] is True
    assert source_of(tmp_path / "target") is None


def test_an_internal_publication_whose_manifest_is_altered_is_made_anew(built: Installation, published: Path) -> None:
    _write((published / "internal").resolve() / "manifest.json", b"{}")
    _write(published / "vintages/internal-0002.json", b"{}")
    assert built.publish().vintage == 3
    assert _places(verify(published)) == {"vintages/internal-0002.json"}


def _remove(path: Path) -> None:
    path.parent.chmod(0o700)
    path.unlink()


def _drop_first_vintage(published: Path) -> None:
    shutil.rmtree(published / "vintages/public-0001")


def _rewrite_first_vintage(published: Path) -> None:
    path = published / "vintages/public-0001/manifest.json"
    _write_manifest(path.parent, _manifest(path.parent) | {"territory": "ailleurs"})


def _turn_the_link_back(published: Path) -> None:
    (published / "public").unlink()
    (published / "public").symlink_to("vintages/public-0001")


def _link_to_a_copy(published: Path) -> None:
    path = published / "vintages/public-0002/README.txt"
    copy = published.parent / "README.txt"
    copy.write_bytes(path.read_bytes())
    _remove(path)
    path.symlink_to(copy)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            lambda root: _remove(root / "vintages/public-0001/csv/voc_situation.csv"),
            "public-0001/csv/voc_situation.csv",
        ),
        (lambda root: _write(root / "vintages/public-0001/.more", b""), "public-0001/.more"),
        (lambda root: _write(root / "vintages/notes.txt", b""), "vintages/notes.txt"),
        (lambda root: _remove(root / "vintages/internal-0001.json"), "vintages/internal-0002.json"),
        (lambda root: _write(root / "vintages/internal-0001.json", b"{}"), "vintages/internal-0001.json"),
        (_drop_first_vintage, "vintages/public-0002/manifest.json"),
        (_rewrite_first_vintage, "vintages/public-0002/manifest.json"),
        (_turn_the_link_back, "public"),
        (_link_to_a_copy, "public-0002/README.txt"),
    ],
)
def test_what_is_removed_added_or_replaced_is_found(
    published: Path, change: Callable[[Path], None], where: str
) -> None:
    change(published)
    assert where in _places(verify(published))


@pytest.mark.parametrize("place", ["data/synchro/voc_situation.parquet", "csv/voc_situation.csv", "synchro.duckdb"])
def test_rows_are_compared_in_each_form_whatever_the_manifest_says_of_files(published: Path, place: str) -> None:
    """Someone changes a word and seals the folder again, but for the digests of rows."""
    folder = (published / "public").resolve()
    path = folder / place
    _write(path, path.read_bytes())
    table = pq.read_table(folder / "data/synchro/voc_situation.parquet")
    other = table.set_column(1, "label_fr", pa.array(["Ailleurs"]))
    if path.suffix == ".duckdb":
        names = [table["name"] for table in _manifest(folder)["tables"]]
        tables = {name: pq.read_table(folder / f"data/synchro/{name}.parquet") for name in names}
        path.unlink()
        write_database({name: Described(t, "", {}) for name, t in (tables | {"voc_situation": other}).items()}, path)
    elif path.suffix == ".csv":
        write_csv(other, path)
    else:
        pq.write_table(other, path)
    _write_manifest(folder, _manifest(folder) | {"files": files_of(folder)})
    assert _places(verify(published / "public")) == {f"public-0002/{place}"}


def test_a_signed_manifest_is_checked_against_the_operator_s_key(built: Installation) -> None:
    published = built.settings.published
    built.settings.keys.rename(built.settings.keys.with_name("k"))
    generate_reception(built.settings)
    key = load_public(public_path(built.settings.keys)).receipt_key
    for stock in (90, 95):
        built.sql(f"update indicators.ind_monthly_flows set active_end = {stock}")
        assert built.publish("public", revise=True).is_signed
    verified = verify(published, key)
    assert verified.findings == []
    assert "public-0002 : manifeste non signé" in verified.notes
    assert "public-0003/manifest.json" in _places(verify(published, public_key_of(new_signing_key())))
    folder = (published / "public").resolve()
    manifest = _manifest(folder)
    _write_manifest(folder, manifest | {"as_of": "2024-01-01"}, new_signing_key())
    assert "public-0004/manifest.json" in _places(verify(folder, key))
    # Who has no key may leave the signature out: the vintages before have one.
    unsigned = {name: value for name, value in manifest.items() if name != SIGNATURE}
    _write_manifest(folder, unsigned)
    assert "vintages/public-0004/manifest.json" in _places(verify(published, key))


@contextmanager
def _killed_at(step: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A shelf that stops at one of its steps, as on a full disk."""

    def killed(*_: Any) -> None:
        raise OSError(28, "")

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, step, killed)
        yield


def test_a_public_vintage_that_no_link_shows_yet_is_put_in_place_by_the_next(
    built: Installation, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.sql("update indicators.ind_monthly_flows set active_end = 90")

    with _killed_at("_turn_link", monkeypatch), pytest.raises(SynchroError):
        built.publish("public", revise=True)
    assert os.readlink(published / "public") == "vintages/public-0002"
    again = built.publish("public", revise=True)
    assert (again.vintage, again.is_new) == (3, False)
    assert os.readlink(published / "public") == "vintages/public-0003"
    assert verify(published).findings == []


def test_the_manifest_of_an_internal_publication_is_kept_by_the_next_if_it_was_not(
    built: Installation, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.sql("update indicators.ind_monthly_flows set active_end = 90")

    with _killed_at("_keep_manifest", monkeypatch), pytest.raises(SynchroError):
        built.publish()
    assert "internal" in _places(verify(published))
    assert not built.publish().is_new
    assert verify(published).findings == []


def test_nothing_is_published_after_an_altered_vintage(built: Installation, published: Path) -> None:
    _write(published / "vintages/public-0002/README.txt", b"x")
    with pytest.raises(SynchroError) as caught:
        built.publish("public")
    assert caught.value.code == "VINTAGE_ALTERED"
    # An internal publication repeats nothing: it is made anew.
    _write((published / "internal/README.txt").resolve(), b"x")
    assert built.publish().vintage == 3
    assert not verify(published / "internal").findings


def test_a_publication_with_an_exact_figure_is_refused(
    built: Installation, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unprotected(tables: Any, **options: Any) -> Disclosed:
        disclosed = publishing_kit.disclose(tables, **options)
        flows = disclosed.tables["ind_monthly_flows"].assign(active_end=41)
        return dataclasses.replace(disclosed, tables={**disclosed.tables, "ind_monthly_flows": flows})

    before = files_in(published)
    monkeypatch.setattr(edition, "disclose", unprotected)
    with pytest.raises(SynchroError) as caught:
        built.publish("public", revise=True)
    assert caught.value.code == "SCAN"
    assert "41" not in str(caught.value)
    assert files_in(published) == before


def test_only_the_public_edition_is_revised(built: Installation) -> None:
    with pytest.raises(SynchroError) as caught:
        built.publish("internal", revise=True)
    assert caught.value.code == "REVISE"


def test_the_command_tells_an_altered_publication_by_its_exit_code(published: Path, tmp_path: Path) -> None:
    environment = {"SYNCHRO_PUBLISHED": str(published), "SYNCHRO_KEYS": str(tmp_path / "keys" / "synchro.json")}
    done = CliRunner().invoke(app, ["verify"], env=environment)
    assert (done.exit_code, "3 publication(s) vérifiée(s), 0 écart(s)" in done.output) == (0, True)
    _write(published / "vintages/public-0001/README.txt", b"x")
    done = CliRunner().invoke(app, ["verify", str(published)], env=environment)
    assert done.exit_code == 1
    assert "public-0001/README.txt" in done.output.replace("\n", "")
