"""`synchro scan`: every byte of a public publication, or of a site built on it, searched for what must not leave."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow as pa

from synchro.errors import SynchroError
from synchro.scan.canaries import Run, exact_runs, telling
from synchro.scan.documents import TABLES, as_text, hidden_sheets, numbers_of, read_database, read_tables, read_texts
from synchro.scan.rules import Finding, Rules
from synchro.scan.tables import REVISIONS, check_table
from synchro.scan.texts import check_text

__all__ = ["Finding", "Rules", "exact_runs", "scan"]

DICTIONARY = "dictionary.json"
# The files of a publication; `{}` stands for a table of the closed list.
_FILES = ("README.txt", DICTIONARY, "dictionnaire.csv", "manifest.json", "synchro.duckdb")
_TABLE_FILES = ("data/synchro/{}.parquet", "csv/{}.csv", "sources/synchro/{}.sql")
_OTHER_FILES = ("sources/synchro/connection.yaml",)
# The numbers of a dictionary and of a manifest that are no figures: sizes, rules, versions, settings of the build.
_JSON_NUMBERS = (
    *("disclosure.parameters.*", "disclosure.months.*", "disclosure.counts.*", "parameters.*", "dbt.vars.*"),
    *("manifest_version", "vintage", "previous.vintage", "deliveries.count", "inputs.deliveries", "tests.*"),
    *("tables[[][]].rows", "tables[[][]].row_count", "files[[][]].bytes"),
)
# Compiled or compressed by others, and not text.
_CODE = (".js", ".mjs", ".cjs", ".css", ".map")
_OPAQUE = (".wasm", ".woff", ".woff2", ".ttf", ".png", ".jpg", ".webp", ".ico", ".pdf", *TABLES[:3], ".duckdb")


def scan(folder: Path, canaries: Sequence[Run] = (), publication: Path | None = None) -> list[Finding]:
    """Everything in `folder` that must not leave; nothing when it may.

    `folder` is a publication (it has a dictionary), or any folder made from `publication`, such as a built site.
    `canaries`: runs of exact counts that the publisher looks for (`exact_runs` of the tables before protection).
    Raises SynchroError NO_PUBLICATION when there is no public dictionary to go by.
    """
    rules = _read_rules(publication or folder)
    runs = telling(canaries, rules)
    findings: set[Finding] = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            findings.add(Finding(name, "", "lien vers un autre fichier"))
        elif path.is_file():
            found = _scan_file(path, name, rules, runs, is_publication=publication is None)
            findings |= {Finding(name, place, what) for place, what in found}
    return sorted(findings)


def _read_rules(folder: Path) -> Rules:
    try:
        dictionary = json.loads((folder / DICTIONARY).read_text(encoding="utf-8"))
        if dictionary["audience"] == "public":
            return Rules(dictionary["disclosure"])
    except (OSError, ValueError, LookupError, TypeError):
        pass
    raise SynchroError(
        "NO_PUBLICATION",
        "Aucune publication publique dans ce dossier : rien ne dit ce qui peut être montré",
        where=str(folder),
        todo="donner un dossier de publication, et pour un site celui de la publication avec « --publication »",
    )


def _scan_file(
    path: Path, name: str, rules: Rules, runs: list[Run], *, is_publication: bool
) -> Iterator[tuple[str, str]]:
    if is_publication and name not in _closed_list(rules):
        yield "", "fichier hors de la liste fermée"
    yield from check_text(PurePosixPath(name).as_posix().replace("-", " ").replace("_", " "), rules, runs)
    content = path.read_bytes()
    try:
        yield from _scan_tables(path, name, content, rules, runs, is_publication)
        if is_publication and path.suffix == ".json":
            yield from _scan_numbers(content, rules)
    except (OSError, ValueError, duckdb.Error, pa.ArrowException):
        # What cannot be opened cannot be searched.
        yield "", "fichier illisible, ou qui n'est pas ce que dit son nom"
    if path.suffix not in _OPAQUE:
        for member, text in read_texts(name, content):
            found = check_text(text, rules, runs, is_code=path.suffix in _CODE)
            yield from ((f"{member} {place}".strip(), what) for place, what in found)


def _closed_list(rules: Rules) -> set[str]:
    tables = (*rules.tables, REVISIONS)
    return {*_FILES, *_OTHER_FILES, *(form.format(table) for form in _TABLE_FILES for table in tables)}


def _scan_tables(
    path: Path, name: str, content: bytes, rules: Rules, runs: list[Run], is_publication: bool
) -> Iterator[tuple[str, str]]:
    if path.suffix not in TABLES or name == "dictionnaire.csv":
        return
    if path.suffix == ".xlsx":
        yield from ((sheet, "feuille masquée") for sheet in hidden_sheets(content))
    tables = read_database(path) if path.suffix == ".duckdb" else read_tables(name, content)
    for table, rows in tables:
        if rows is None:
            yield table, "objet de la base qui n'est pas une table"
            continue
        # A site names and cuts tables its own way: there, the name of each column says by itself what it holds.
        if is_publication:
            found = check_table(table, rows, rules)
            yield from ((f"{table}.{column}".strip("."), what) for column, what in found)
        yield from ((f"{table} {place}", what) for place, what in check_text(as_text(rows), rules, runs))


def _scan_numbers(content: bytes, rules: Rules) -> Iterator[tuple[str, str]]:
    for place, value in numbers_of(content):
        is_known = any(fnmatchcase(place, pattern) for pattern in _JSON_NUMBERS)
        if not is_known and value not in (0, 1) and not rules.is_displayable(value):
            yield place, "nombre qu'aucun chiffre affiché n'explique"
