"""`synchro review --read`: a reviewed workbook back into the seeds `overrides` and `clerical_labels`.

Everything is checked before anything is written; a message gives sheet, row and column, never what a cell holds.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from python_calamine import CalamineWorkbook

from synchro.errors import RejectedFile, SynchroError
from synchro.files import replace_all
from synchro.lock import exclusive_lock
from synchro.review import (
    DECIDED_BY,
    DECISION,
    DIFFERENT,
    PAIRS,
    REASON,
    REASONS,
    RECORD_L,
    RECORD_R,
    SAME,
    SAMPLE,
    UNSURE,
    connect_built,
)
from synchro.settings import Settings
from synchro.workbooks import check_workbook

_OVERRIDES = ("record_id_l", "record_id_r", "decision", "decided_by", "decided_on", "reason")
_LABELS = ("record_id_l", "record_id_r", "is_match", "labelled_by", "labelled_on")
# A function or initials, in one line, that no spreadsheet takes for a formula.
_WHO = re.compile(r"[^\W\d_][\w .'’-]{0,39}")
_MAX_BYTES = 50 * 2**20
_MAX_SHOWN = 10

Pair = tuple[str, str]


@dataclass(frozen=True)
class Reading:
    """What a workbook held and what became of it."""

    overrides: int
    labels: int
    already: int
    unsure: int
    empty: int


@dataclass(frozen=True)
class _Asked:
    """A sheet to read: the columns of its answers, and what each word means in the seed."""

    sheet: str
    columns: tuple[str, ...]
    words: Mapping[str, str | None]
    known_pairs: str


_SHEETS = (
    _Asked(
        PAIRS,
        (DECISION, DECIDED_BY, REASON),
        {SAME: "must_link", DIFFERENT: "must_not_link", UNSURE: None},
        "lnk_scored_pairs",
    ),
    _Asked(SAMPLE, (DECISION, DECIDED_BY), {SAME: "true", DIFFERENT: "false"}, "lnk_clerical_sample"),
)


@dataclass(frozen=True)
class _Answer:
    """One answered row: where it stands, its pair (smaller id first) and what the seed will say of it."""

    where: str
    pair: Pair
    decision: str
    details: tuple[str, ...]


def read_review(path: Path, settings: Settings, decided_on: date, seeds: Path | None = None) -> Reading:
    """Add the decisions of the workbook `path` to the seeds (in `seeds`, default: the project's seeds/linkage).

    Reading the same workbook again changes nothing. Raises SynchroError, and leaves both seeds as they were:
    FUTURE, NO_FILE, SHEET, COLUMN, REVIEW (answers to correct), SEED, WRITE, LOCKED; those of `check_workbook` and
    `connect_built`.
    """
    if decided_on > date.today():
        raise SynchroError("FUTURE", "La date de décision est à venir", todo="donner le jour de la décision")
    folder = seeds or settings.project_dir / "seeds" / "linkage"
    workbook = _open(path)
    problems: list[str] = []
    counts: Counter[str] = Counter()
    busy = "Une autre lecture de décisions est en cours"
    with (
        closing(connect_built(settings)) as con,
        exclusive_lock(settings.warehouse.parent / ".review.lock", busy),
    ):
        answers = [_answers(workbook, asked, con, problems, counts) for asked in _SHEETS]
        files = [
            (folder / "overrides.csv", _OVERRIDES, answers[0]),
            (folder / "clerical_labels.csv", _LABELS, answers[1]),
        ]
        contents, added = [], []
        for seed, header, given in files:
            text, count = _merged(seed, header, given, decided_on.isoformat(), problems, counts)
            contents.append((seed, text))
            added.append(count)
        _refuse(problems, path)
        _write_all([(seed, text) for (seed, text), count in zip(contents, added, strict=True) if count])
    return Reading(added[0], added[1], counts["already"], counts["unsure"], counts["empty"])


def _open(path: Path) -> CalamineWorkbook:
    todo = "donner le classeur écrit par « synchro review », enregistré en .xlsx"
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SynchroError("TOO_LARGE", "Ce classeur est trop gros pour une relecture", str(path), todo)
        content = path.read_bytes()
    except OSError:
        raise SynchroError("NO_FILE", "Ce classeur est introuvable ou illisible", str(path), todo) from None
    try:
        check_workbook(content)
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except RejectedFile as error:
        raise SynchroError(error.code, error.what, str(path), todo) from None
    except Exception:  # calamine quotes what it stumbles on.
        raise SynchroError("UNREADABLE", "Ce classeur est illisible", str(path), todo) from None


def _answers(
    workbook: CalamineWorkbook,
    asked: _Asked,
    con: duckdb.DuckDBPyConnection,
    problems: list[str],
    counts: Counter[str],
) -> list[_Answer]:
    """The answered rows of one sheet; what is wrong goes to `problems`, what says nothing is counted."""
    rows = _rows(workbook, asked.sheet)
    places = _places(rows[0] if rows else [], asked)
    answers: dict[Pair, _Answer] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = {title: _text(row[place]) if place < len(row) else "" for title, place in places.items()}
        if not cells[DECISION]:
            counts["empty"] += any(cells[title] for title in (RECORD_L, RECORD_R))
            continue
        where = f"onglet « {asked.sheet} », ligne {number}"
        wrong = list(_wrong(cells, asked))
        problems += [f"{where}, colonne « {title} » : {what}" for title, what in wrong]
        if wrong:
            continue
        decision = asked.words[cells[DECISION].casefold()]
        if decision is None:
            counts["unsure"] += 1
            continue
        left, right = sorted((cells[RECORD_L], cells[RECORD_R]))
        details = tuple(cells[title] for title in asked.columns[1:])
        answer = _Answer(where, (left, right), decision, details)
        if answers.setdefault(answer.pair, answer).decision != decision:
            problems.append(f"{where} : la même paire a une autre réponse plus haut")
    known = _known(con, asked.known_pairs, answers)
    problems += [
        f"{answer.where}, colonnes « {RECORD_L} » et « {RECORD_R} » : paire inconnue ou modifiée"
        for answer in answers.values()
        if answer.pair not in known
    ]
    return list(answers.values())


def _rows(workbook: CalamineWorkbook, sheet: str) -> list[list[Any]]:
    if sheet not in workbook.sheet_names:
        todo = "repartir du classeur d'origine : ni renommer ni supprimer d'onglet"
        raise SynchroError("SHEET", "Un onglet du classeur manque", f"onglet « {sheet} »", todo)
    try:
        return workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except Exception:  # calamine quotes what it stumbles on.
        todo = "réenregistrer le classeur en .xlsx"
        raise SynchroError("UNREADABLE", "Un onglet est illisible", f"onglet « {sheet} »", todo) from None


def _places(header: list[Any], asked: _Asked) -> dict[str, int]:
    titles = [_text(cell) for cell in header]
    places = {}
    for title in (RECORD_L, RECORD_R, *asked.columns):
        if titles.count(title) != 1:
            what = "Une colonne manque" if title not in titles else "Une colonne figure deux fois"
            where = f"onglet « {asked.sheet} », ligne 1, colonne « {title} »"
            todo = "repartir du classeur d'origine, ou remettre l'en-tête tel quel"
            raise SynchroError("COLUMN", what, where, todo)
        places[title] = titles.index(title)
    return places


def _text(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def _wrong(cells: Mapping[str, str], asked: _Asked) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) of one answered row."""
    if cells[DECISION].casefold() not in asked.words:
        yield DECISION, f"mot hors liste ({', '.join(asked.words)})"
    elif asked.words[cells[DECISION].casefold()] is not None:
        if not cells[DECIDED_BY]:
            yield DECIDED_BY, "à remplir (fonction ou initiales)"
        elif not _WHO.fullmatch(cells[DECIDED_BY]):
            yield DECIDED_BY, "lettres, espaces, points et tirets seulement, 40 caractères au plus"
        if REASON in cells and cells[REASON] not in REASONS:
            yield REASON, "choisir un motif de la liste déroulante"


def _known(con: duckdb.DuckDBPyConnection, table: str, answers: Mapping[Pair, _Answer]) -> set[Pair]:
    keys = ["|".join(pair) for pair in answers]
    return set(
        con.execute(
            f"""
            select record_id_l, record_id_r from vault.linked.{table}
            where record_id_l || '|' || record_id_r in (select unnest(cast(? as varchar[])))
            """,
            [keys],
        ).fetchall()
    )


def _merged(
    seed: Path,
    header: tuple[str, ...],
    answers: list[_Answer],
    day: str,
    problems: list[str],
    counts: Counter[str],
) -> tuple[str, int]:
    """The seed's text with the answers in it, and how many are new; the latest row of a pair is what stands."""
    rows = _read_seed(seed, header)
    date_name = header[4]
    of_pair: dict[Pair, list[dict[str, str]]] = {}
    for row in rows:
        left, right = sorted((row["record_id_l"], row["record_id_r"]))
        of_pair.setdefault((left, right), []).append(row)
    added = 0
    for answer in sorted(answers, key=lambda answer: answer.pair):
        earlier = of_pair.get(answer.pair, [])
        latest = max((row[date_name] for row in earlier), default="")
        standing = [row for row in earlier if row[date_name] == latest]
        if standing and all(row[header[2]].lower() == answer.decision for row in standing):
            counts["already"] += 1
        elif latest > day:
            problems.append(f"{answer.where} : une réponse plus récente dit autre chose (voir {seed.name})")
        else:
            # Two rows of one day could not tell which came last: the day's first answer was a slip.
            rows = [row for row in rows if row not in standing or latest != day]
            values = (*answer.pair, answer.decision, answer.details[0], day, *answer.details[1:])
            rows.append(dict(zip(header, values, strict=True)))
            added += 1
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue(), added


def _read_seed(seed: Path, header: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with seed.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
    except (OSError, ValueError, csv.Error):
        rows, reader = [], None
    if reader is None or tuple(reader.fieldnames or ()) != header or any(_is_ragged(row) for row in rows):
        todo = f"y remettre l'en-tête « {','.join(header)} » et {len(header)} colonnes par ligne"
        raise SynchroError("SEED", "Le fichier des décisions est illisible", str(seed), todo)
    return rows


def _is_ragged(row: dict[str, str]) -> bool:
    return None in row or None in row.values()


def _refuse(problems: list[str], path: Path) -> None:
    if problems:
        shown = problems[:_MAX_SHOWN]
        if len(problems) > _MAX_SHOWN:
            shown.append(f"et {len(problems) - _MAX_SHOWN} autre(s)")
        raise SynchroError(
            "REVIEW",
            f"{len(problems)} réponse(s) à reprendre, rien n'a été enregistré",
            where=" ; ".join(shown),
            todo=f"corriger ou vider ces réponses dans {path.name}, puis relancer",
        )


def _write_all(contents: list[tuple[Path, str]]) -> None:
    try:
        replace_all(contents)
    except OSError:
        raise SynchroError(
            "WRITE",
            "Les décisions n'ont pas pu être écrites",
            where=str(contents[0][0].parent),
            todo="vérifier la place et les droits, puis relancer : relire deux fois ne change rien",
        ) from None
