"""The draft of a new operator: what each column becomes, which entities they support, what its words stand for.

Nothing is written here: `scaffolding` turns a draft into files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from synchro.contracts import EXCEL_SERIAL, SNAKE_CASE, TECHNICAL_COLUMNS
from synchro.errors import SynchroError
from synchro.french import number
from synchro.guard import MASK
from synchro.normalise import source_key
from synchro.onboarding.entities import DAY_OF, supported
from synchro.onboarding.knowledge import Field
from synchro.onboarding.profiling import ColumnProfile, Study, Word
from synchro.onboarding.shapes import DATE_CELL, Shape

_EXTRACT_NAMES = {"stays": "sejours", "requests": "demandes", "contacts": "contacts", "capacities": "capacites"}
_SCOPES = {"stays": "snapshot", "requests": "history", "contacts": "events"}
_FAMILIES = {"stays": "Hébergement", "requests": "Orientation", "contacts": "Veille sociale"}
# Columns of a staging model that come with the delivery.
_STAGED = (
    *("operator", "reference_month", "delivery_id", "received_at", "source_row"),
    *("record_id", "household_record_id", "birth_year", "birth_date_precision"),
)
_TYPE_NAMES = ("date", "datetime", "day", "hour", "minute", "month", "time", "timestamp", "type", "value", "year")
_MONTH = re.compile(
    r"(?P<year>20\d{2})(?P<sign>[-_. ]?)(?:0[1-9]|1[0-2])(?!\d)"
    r"|(?<!\d)(?:0[1-9]|1[0-2])(?P<other_sign>[-_. ]?)20\d{2}"
)
# Below this score a column is kept in the draft, and pointed out.
_SURE = 0.6


@dataclass(frozen=True)
class DraftColumn:
    """A column of the contract to be: its name in the tables, its field, type and date format."""

    name: str
    header: str
    field: Field
    type: str
    format: str | None
    score: float
    is_required: bool
    # Source key -> the word, with its code.
    words: dict[str, Word]

    @property
    def is_value(self) -> bool:
        return self.field.role == "value"


@dataclass(frozen=True)
class Options:
    """What no file can say, and the person who onboards does. None: not said."""

    label: str | None = None
    extract: str | None = None
    situation: str | None = None
    channel: str = "visit"
    request_kind: str = "siao_insertion"


@dataclass(frozen=True)
class Draft:
    """A new operator with one extract."""

    operator: str
    label: str
    family: str
    extract: str
    file: str
    format: dict[str, Any]
    scope: str
    entities: tuple[str, ...]
    columns: tuple[DraftColumn, ...]
    options: Options
    # French sentences: what a person has to look at.
    remarks: tuple[str, ...]

    @cached_property
    def by_field(self) -> dict[str, DraftColumn]:
        return {column.field.field: column for column in self.columns if column.field.field != "ignored"}

    @property
    def values(self) -> list[DraftColumn]:
        return [column for column in self.columns if column.is_value]


def draft(operator: str, path: Path, study: Study, options: Options) -> Draft:
    """The draft of an operator from a file.

    Raises SynchroError where the columns support no entity, or the file cannot be contracted.
    """
    _check(operator, study, options)
    shown = [profile for profile in study.profile.columns if not profile.is_header_masked]
    found = {profile.field.field: profile.score for profile in shown}
    filled = _entities(found)
    wanted = set().union(*(study.knowledge.entities[entity].fields for entity in filled))
    columns = _columns(study, wanted, filled)
    entity = next((name for name in filled if name != "records"), "records")
    extract = options.extract or _EXTRACT_NAMES.get(entity, "personnes")
    label = options.label or operator.replace("_", " ").capitalize()
    file, remarks = _file_pattern(study, path, operator, extract)
    form = study.opened.sniffed.format.model_dump(exclude={"quote"})
    return Draft(
        operator=operator,
        label=label,
        family=_FAMILIES.get(entity, "Hébergement"),
        extract=extract,
        file=file,
        format=form,
        scope=_SCOPES.get(entity, "snapshot"),
        entities=filled,
        columns=columns,
        options=options,
        remarks=(*remarks, *_remarks(study, columns, found, filled, options)),
    )


def _check(operator: str, study: Study, options: Options) -> None:
    for name, what in ((operator, "opérateur"), (options.extract or "x", "extrait")):
        if not SNAKE_CASE.fullmatch(name):
            todo = "minuscules sans accent, chiffres et tirets bas, comme `lhss_dijon`"
            raise SynchroError("SCAFFOLD", f"nom d'{what} mal formé", None, todo)
    if study.profile.lines_above:
        todo = "demander un csv dont la première ligne est l'en-tête"
        raise SynchroError("SCAFFOLD", "lignes au-dessus de l'en-tête", f"{study.profile.lines_above} ligne(s)", todo)
    if any(guess.value == MASK for guess in study.profile.guesses):
        raise SynchroError("SCAFFOLD", "l'onglet porte le nom d'une personne", None, "faire renommer l'onglet")


def _entities(found: dict[str, float]) -> tuple[str, ...]:
    """The harmonised entities that these fields support."""
    entities = supported(found)
    if not entities:
        todo = "regarder `synchro profile` : ni identité, ni identifiant, ni places reconnus"
        raise SynchroError("SCAFFOLD", "ces colonnes ne remplissent aucune table", None, todo)
    return entities


# ------------------------------------------------------------------------------------------------- columns


def _columns(study: Study, wanted: set[str], filled: tuple[str, ...]) -> tuple[DraftColumn, ...]:
    """Every column whose header may be written; those that no table needs are named and never stored."""
    profiles = study.profile.columns
    required = {DAY_OF.get(entity) for entity in filled} | {"places", "places_occupied"}
    usual = next((form for profile in profiles for form, _ in profile.formats if "%H" not in form), "%d/%m/%Y")
    ignored = study.knowledge.fields["ignored"]
    columns: list[DraftColumn] = []
    for profile, shape in zip(profiles, study.opened.shapes, strict=True):
        if profile.is_header_masked:
            continue
        is_kept = profile.field.role != "value" or profile.field.field in wanted
        column = _column(profile, profile.field if is_kept else ignored, shape, usual, required)
        columns.append(replace(column, name=_free_name(column, [other.name for other in columns])))
    return tuple(columns)


def _column(profile: ColumnProfile, found: Field, shape: Shape, usual: str, required: set[str | None]) -> DraftColumn:
    kind, form = "text", None
    if found.kind in ("date", "birth_date"):
        form = shape.typical_format if shape.date_share >= 0.5 else usual
        kind = "datetime" if "%H" in form and found.kind == "date" else "date"
        form = None if form == DATE_CELL else form
    elif found.kind == "integer":
        kind = "integer"
    return DraftColumn(
        name=_name(profile, found),
        header=profile.header,
        field=found,
        type=kind,
        format=form,
        score=profile.score,
        is_required=found.field in required or (found.field == "local_id" and profile.fill == 1),
        words={word.key: word for word in profile.words if word.code},
    )


def _name(profile: ColumnProfile, found: Field) -> str:
    """The header as a column's name, or the field's usual one where SQL or this project has that word already."""
    slug = "_".join(re.findall(r"[a-z0-9]+", source_key(profile.header.replace("°", "o "))))[:40].strip("_")
    is_usable = SNAKE_CASE.fullmatch(slug) and slug not in _reserved()
    return slug if is_usable and found.role in ("value", "ignored") and found.kind != "integer" else found.name


def _free_name(column: DraftColumn, taken: list[str]) -> str:
    names = (column.name, *(f"{column.name}_{rank}" for rank in range(2, 100)))
    return next(name for name in names if name not in taken)


def _reserved() -> frozenset[str]:
    """Words that cannot name a column: SQL's own, and the names that every staging model has."""
    keywords = duckdb.connect().execute("select keyword_name from duckdb_keywords()").fetchall()
    return frozenset((*(word for (word,) in keywords), *_TYPE_NAMES, *_STAGED, *TECHNICAL_COLUMNS))


# ---------------------------------------------------------------------------------------- file and remarks


def _file_pattern(study: Study, path: Path, operator: str, extract: str) -> tuple[str, tuple[str, ...]]:
    """The pattern of the file's name, its month replaced; a name that cannot be kept is replaced whole."""
    suffix = f".{study.opened.sniffed.format.type}"
    stem = re.sub(r"_v[1-9]\d?$", "", path.stem)
    found = _MONTH.search(stem)
    if found and MASK not in study.profile.name and not set(stem) & set("{}"):
        parts = found.groupdict()
        month = f"{{yyyy}}{parts['sign']}{{mm}}" if parts["year"] else f"{{mm}}{parts['other_sign']}{{yyyy}}"
        return f"{stem[: found.start()]}{month}{stem[found.end() :]}{{version}}{suffix}", ()
    pattern = f"{operator}_{extract}_{{yyyy}}-{{mm}}{{version}}{suffix}"
    return pattern, (f"le nom du fichier ne dit pas le mois : le nommer d'après « {pattern} »",)


def _remarks(
    study: Study, columns: tuple[DraftColumn, ...], found: dict[str, float], filled: tuple[str, ...], options: Options
) -> Iterable[str]:
    masked = [str(profile.place) for profile in study.profile.columns if profile.is_header_masked]
    if masked:
        yield f"colonne(s) {', '.join(masked)} : en-tête inconnu, hors du contrat, donc jamais enregistrée(s)"
    for column in columns:
        if column.field.field != "ignored" and column.score < _SURE:
            yield f"« {column.header} » : prise pour « {column.field.label_fr} », sans certitude"
        shape = study.opened.shapes[study.opened.headers.index(column.header)]
        if column.is_required and shape.fill < 1:
            share = number(100 * (1 - shape.fill), 1)
            yield f"« {column.header} » : obligatoire et vide dans {share} % des lignes, qui seraient écartées"
        if column.type in ("date", "datetime") and len(shape.dates) > 1:
            forms = ", ".join(form.format for form in shape.dates[:3])
            yield f"« {column.header} » : plusieurs formats de date ({forms}) ; le contrat n'en admet qu'un"
        if column.format == EXCEL_SERIAL:
            yield f"« {column.header} » : des numéros de série d'Excel, lus comme des dates"
    for profile in study.profile.columns:
        silent = profile.hidden_words + sum(word.code is None for word in profile.words)
        if profile.field.kind == "words" and silent:
            seed = f"map_{profile.field.field}.csv"
            yield f"« {profile.header} » : {silent} mot(s) sans proposition, à ajouter à {seed}"
    if filled == ("records",):
        yield "aucune date d'entrée, de contact ni de demande : cette liste dira qui, mais pas quand"
    if "situation" not in found and len(filled) > 1:
        todo = "relancer avec --situation, sinon personne ne comptera"
        unsaid = f"aucune colonne ne dit où vivent les personnes : {todo}"
        yield f"situation de tous : {options.situation}" if options.situation else unsaid
