"""Contracts: what each operator sends and what is kept of it, read from the dbt source files.

`models/staging/<operator>/_<operator>__sources.yml` is at once the dbt source and the contract. A source
is an operator's contract when its meta has a `label` or one of its tables has a `file`; it then bears the
name of its folder. Any other source (registers of this project, the vault) is left alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from synchro.errors import ContractError
from synchro.purposes import default_purpose
from synchro.signing import check_public_key

# The built-in contract: what an organisation without a contract of its own sends (`synchro template`).
STANDARD = "standard"
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
EXCEL_SERIAL = "excel_serial"
# Columns that every raw table has; a contract may not reuse their names.
TECHNICAL_COLUMNS = (
    "_delivery_id",
    "_source_row",
    "_record_id",
    "_household_id",
    "birth_year",
    "birth_date_precision",
)

Role = Literal[
    "identity.last_name",
    "identity.first_name",
    "identity.birth_name",
    "identity.birth_date",
    "record.local_id",
    "household.local_id",
    "shared.nur",
    "shared.agdref",
    "value",
    "ignored",
]
NAME_ROLES = ("identity.last_name", "identity.first_name", "identity.birth_name")
IDENTITY_ROLES = (*NAME_ROLES, "identity.birth_date")
# One column of an extract at most plays such a role.
SINGLE_ROLES = (*IDENTITY_ROLES, "record.local_id", "household.local_id", "shared.nur", "shared.agdref")
Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Unknown keys are mistakes of spelling, and a contract that is read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvFormat(Strict):
    type: Literal["csv"]
    encoding: Literal["utf-8", "utf-8-sig", "cp1252", "latin-1"]
    delimiter: Literal[",", ";", "\t", "|"]
    quote: Literal['"', "'"] = '"'


class XlsxFormat(Strict):
    type: Literal["xlsx"]
    sheet: Text
    header_row: int = Field(default=1, ge=1, le=50)


class Agreement(Strict):
    """Reference and date of the agreement signed with the operator; none: demonstration data only."""

    reference: Text | None = None
    signed_on: date | None = None


class SigningKey(Strict):
    """A public key with which the operator signs its sealed deliveries; no longer, once past its last day."""

    key: Text
    valid_until: date | None = None

    @field_validator("key")
    @classmethod
    def is_public_key(cls, text: str) -> str:
        return check_public_key(text)


class ColumnMeta(Strict):
    """`config.meta` of a column."""

    header: Text
    role: Role
    type: Literal["text", "date", "datetime", "integer"] = "text"
    format: Text | None = None
    required: bool = False
    optional: bool = False
    vocabulary: Text | None = None
    code: bool = False
    aliases: tuple[Text, ...] = ()
    # Another date column that this one never precedes: an exit and its entry, a visit and the birth.
    not_before: Text | None = None
    purpose: Text | None = None
    retention_months: int | None = Field(default=None, ge=1)


class ExtractMeta(Strict):
    """`config.meta` of a table."""

    file: Text
    format: Annotated[CsvFormat | XlsxFormat, Field(discriminator="type")]
    scope: Literal["events", "snapshot", "history"]
    due_day: int = Field(ge=1, le=31)
    purpose: Text
    retention_months: int = Field(ge=1)
    label: Text | None = None
    # The date column that says of which month a row is: a file whose rows are of another month is refused.
    month_column: Text | None = None


class OperatorMeta(Strict):
    """`config.meta` of a source."""

    label: Text
    territory_role: Text | None = None
    agreement: Agreement = Agreement()
    # Agreements of the organisations that send the standard workbook, by code.
    agreements: dict[str, Agreement] = Field(default_factory=dict)
    # With a key here, the operator's files are sealed and signed, and no other is accepted.
    signing_keys: tuple[SigningKey, ...] = ()


class ColumnContract(ColumnMeta):
    """One column of an extract: its name in the tables, and what its meta says."""

    name: str
    description: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """Every accepted way to write the header, normalised (see `header_key`)."""
        return tuple(header_key(header) for header in (self.header, *self.aliases))

    @property
    def is_date(self) -> bool:
        return self.type in ("date", "datetime")


class ExtractContract(ExtractMeta):
    """One monthly file of an operator, or one sheet of a workbook that several extracts share.

    `operator` is who sends it; `source` is the dbt source that describes it and holds its table. They differ for
    an organisation that sends the standard workbook.
    """

    operator: str
    source: str = Field(default_factory=lambda data: data["operator"])
    name: str
    description: str = ""
    columns: tuple[ColumnContract, ...]

    @cached_property
    def value_columns(self) -> tuple[ColumnContract, ...]:
        """Columns that are stored in the warehouse, in the order of the contract."""
        return tuple(column for column in self.columns if column.role == "value")

    @cached_property
    def read_columns(self) -> tuple[ColumnContract, ...]:
        """Columns whose cells are read: all but the ignored ones."""
        return tuple(column for column in self.columns if column.role != "ignored")

    def column_with_role(self, role: str) -> ColumnContract | None:
        return next((column for column in self.columns if column.role == role), None)

    @property
    def has_identity(self) -> bool:
        return any(column.role in IDENTITY_ROLES for column in self.columns)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The file name pattern as a regular expression with groups year, month and version."""
        groups = {
            r"\{yyyy\}": r"(?P<year>\d{4})",
            r"\{mm\}": r"(?P<month>\d{2})",
            r"\{version\}": r"(?P<version>(_v[1-9]\d?)?)",
        }
        text = re.escape(normal_form(self.file))
        for token, group in groups.items():
            text = text.replace(re.escape(token.replace("\\", "")), group)
        return re.compile(text)

    def month_of(self, file_name: str) -> date | None:
        """First day of the month that a file name states; None if the name is not one of this extract."""
        found = self.pattern.fullmatch(normal_form(file_name))
        if found is None or not 1 <= int(found["month"]) <= 12 or not 1900 <= int(found["year"]) <= 2999:
            return None
        return date(int(found["year"]), int(found["month"]), 1)

    @cached_property
    def digest(self) -> str:
        """Stable hash (32 hex digits) of all that decides how a file is read and what is stored of it.

        Prose (descriptions, labels, purposes) and calendars (due day, retention) are left out: rewording
        them does not change the data.
        """
        prose = {"description", "purpose", "retention_months", "due_day", "label", "source"}
        meaning = self.model_dump(mode="json", exclude=prose | {"columns"})
        meaning["columns"] = [column.model_dump(mode="json", exclude=prose) for column in self.columns]
        text = json.dumps(meaning, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


class OperatorContract(OperatorMeta):
    """One operator: who it is, the agreement, and its extracts by name."""

    operator: str
    description: str = ""
    path: Path
    extracts: dict[str, ExtractContract]

    def on_behalf_of(self, organisation: str) -> OperatorContract:
        """This contract as another organisation uses it: same extracts and tables, its own agreement and records."""
        extracts = {
            name: extract.model_copy(update={"operator": organisation}) for name, extract in self.extracts.items()
        }
        own = {"agreement": self.agreements.get(organisation, Agreement()), "signing_keys": ()}
        return self.model_copy(update={"operator": organisation, "extracts": extracts, **own})


def contract_of(operator: str, contracts: dict[str, OperatorContract]) -> OperatorContract | None:
    """The operator's contract, or the standard one on behalf of an organisation that has none.

    None if there is neither, or if the code is not one.
    """
    if operator in contracts:
        return contracts[operator]
    standard = contracts.get(STANDARD)
    return standard.on_behalf_of(operator) if standard and SNAKE_CASE.fullmatch(operator) else None


def normal_form(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def header_key(text: str) -> str:
    """A header as it is compared: NFC, no-break spaces as spaces, trimmed; case and accents count."""
    return normal_form(text).replace("\u00a0", " ").replace("\u202f", " ").strip()


def load_contracts(project_dir: Path) -> dict[str, OperatorContract]:
    """Every operator's contract, by operator code, in alphabetical order.

    Raises ContractError naming file, operator, extract, column and key, with what to write instead.
    """
    contracts: dict[str, OperatorContract] = {}
    for path in sorted(Path(project_dir).glob("models/staging/*/_*__sources.yml")):
        for contract in _contracts_of_file(path, Path(project_dir)):
            if contract.operator in contracts:
                raise ContractError(
                    "opérateur décrit deux fois",
                    f"opérateur {contract.operator}, {path.relative_to(project_dir)}",
                    f"garder une seule source `{contract.operator}`",
                )
            contracts[contract.operator] = contract
    return dict(sorted(contracts.items()))


# --------------------------------------------------------------------------------------------- reading


class Place:
    """Where we are in a contract, for messages: "file, opérateur x, extrait y, colonne z"."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts

    def at(self, part: str) -> Place:
        return Place(*self.parts, part)

    def __str__(self) -> str:
        return ", ".join(self.parts)


def _contracts_of_file(path: Path, project_dir: Path) -> Iterator[OperatorContract]:
    place = Place(str(path.relative_to(project_dir)))
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = place.at(f"ligne {mark.line + 1}") if mark else place
        todo = "corriger l'indentation ou les guillemets"
        raise ContractError("YAML illisible", str(where), todo) from None
    sources = (content or {}).get("sources") if isinstance(content, dict) else None
    for source in _dicts(sources, place, "sources"):
        if _is_operator(source):
            yield _operator(source, path, project_dir, place)


def _is_operator(source: dict[str, Any]) -> bool:
    tables = source.get("tables")
    tables = tables if isinstance(tables, list) else []
    return "label" in _meta(source) or any("file" in _meta(table) for table in tables)


def _meta(node: Any) -> dict[str, Any]:
    """`config.meta` of a dbt node; {} where there is none."""
    for key in ("config", "meta"):
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _dicts(nodes: Any, place: Place, key: str) -> list[dict[str, Any]]:
    if nodes is None:
        return []
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        raise ContractError(f"`{key}` mal formé", str(place), f"écrire une liste d'éléments sous `{key}:`")
    return nodes


def _operator(source: dict[str, Any], path: Path, project_dir: Path, place: Place) -> OperatorContract:
    operator = path.parent.name
    name = source.get("name")
    place = place.at(f"opérateur {name}")
    if name != operator or path.name != f"_{operator}__sources.yml":
        todo = f"nommer la source, le dossier et le fichier de même : {operator}, _{operator}__sources.yml"
        raise ContractError("nom de source, de dossier et de fichier différents", str(place), todo)
    _check_snake_case(operator, place)
    if source.get("schema") != f"raw_{operator}":
        raise ContractError("clé `schema` inattendue", str(place), f"écrire `schema: raw_{operator}`")
    meta = validated(OperatorMeta, _meta(source), place)
    tables = _dicts(source.get("tables"), place, "tables")
    if not tables:
        raise ContractError("aucun extrait", str(place), "décrire au moins un extrait sous `tables:`")
    extracts = [_extract(table, operator, place) for table in tables]
    _check_unique([extract.name for extract in extracts], "extrait", place)
    _check_patterns_exclusive(extracts, place)
    for extract in extracts:
        _check_vocabularies(extract, project_dir, place.at(f"extrait {extract.name}"))
        _check_purposes(extract, place.at(f"extrait {extract.name}"))
    return OperatorContract(
        **dict(meta),
        operator=operator,
        description=source.get("description") or "",
        path=path,
        extracts={extract.name: extract for extract in extracts},
    )


def _extract(table: dict[str, Any], operator: str, place: Place) -> ExtractContract:
    name = str(table.get("name") or "")
    place = place.at(f"extrait {name or '(sans nom)'}")
    _check_snake_case(name, place)
    meta = validated(ExtractMeta, _meta(table), place)
    columns = tuple(_column(node, meta, place) for node in _dicts(table.get("columns"), place, "columns"))
    extract = ExtractContract(
        **dict(meta),
        operator=operator,
        name=name,
        description=table.get("description") or "",
        columns=columns,
    )
    _check_extract(extract, place)
    return extract


def _column(node: dict[str, Any], extract: ExtractMeta, place: Place) -> ColumnContract:
    name = str(node.get("name") or "")
    place = place.at(f"colonne {name or '(sans nom)'}")
    _check_snake_case(name, place)
    meta = validated(ColumnMeta, _meta(node), place)
    column = ColumnContract(**dict(meta), name=name, description=node.get("description") or "")
    _check_column(column, extract, place)
    stated = {
        "purpose": column.purpose or default_purpose(column.role, column.vocabulary),
        "retention_months": column.retention_months or extract.retention_months,
    }
    return column.model_copy(update=stated)


Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], meta: dict[str, Any], place: Place) -> Model:
    """The keys as the model has them. Raises ContractError for the first mistake: its key, what to write instead."""
    try:
        return model.model_validate(meta)
    except ValidationError as error:
        raise _in_french(error.errors(include_url=False)[0], model, place) from None


def _in_french(error: dict[str, Any], model: type[BaseModel], place: Place) -> ContractError:
    """A ContractError for the first mistake pydantic found: which key, and what to write instead."""
    parts = [str(part) for part in error["loc"] if not isinstance(part, int)]
    # The discriminator of a union appears in the location; it is not a key of the file.
    parts = [part for index, part in enumerate(parts) if not (index == 1 and part in ("csv", "xlsx"))]
    key = ".".join(parts)
    where = f"{place}, clé `{key}`"
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "extra_forbidden":
        keys = ", ".join(_keys_of(model, error["loc"]))
        return ContractError("clé inconnue", where, f"la corriger ou la retirer (clés permises : {keys})")
    if kind in ("missing", "union_tag_not_found"):
        todo = "écrire `type: csv` ou `type: xlsx`" if kind != "missing" else f"ajouter `{parts[-1]}:`"
        return ContractError("clé obligatoire absente", where, f"{todo} sous `config: meta:`")
    expected = {
        "literal_error": f"écrire l'une de ces valeurs : {_in_list(context.get('expected'))}",
        "union_tag_invalid": "écrire `type: csv` ou `type: xlsx`",
        "bool_parsing": "écrire `true` ou `false`",
        "bool_type": "écrire `true` ou `false`",
        "string_type": "écrire un texte, entre guillemets au besoin",
        "string_too_short": "écrire un texte, ou retirer la clé",
        "int_parsing": "écrire un nombre entier",
        "int_type": "écrire un nombre entier",
        "int_from_float": "écrire un nombre entier",
        "greater_than_equal": f"écrire un nombre d'au moins {context.get('ge')}",
        "less_than_equal": f"écrire un nombre d'au plus {context.get('le')}",
        "tuple_type": "écrire une liste : [..., ...]",
        "model_type": "écrire un groupe de clés : {clé: valeur}",
        "model_attributes_type": "écrire un groupe de clés : {clé: valeur}",
    }
    if kind == "value_error":
        return ContractError("clé publique mal formée", where, "copier celle que `synchro keygen` a affichée")
    if kind.startswith("date"):
        return ContractError("date illisible", where, "écrire AAAA-MM-JJ, ou null")
    todo = expected.get(kind, "suivre l'exemple d'un autre contrat")
    return ContractError("valeur non permise", where, todo)


def _in_list(expected: str | None) -> str:
    return (expected or "").replace(" or ", ", ").replace("'", "`")


def _keys_of(model: type[BaseModel], location: Iterable[str | int]) -> list[str]:
    """The keys permitted where an unknown one was found."""
    nested: dict[str, type[BaseModel]] = {"csv": CsvFormat, "xlsx": XlsxFormat, "agreement": Agreement}
    nested["signing_keys"] = SigningKey
    for part in list(location)[:-1]:
        model = nested.get(str(part), model)
    return list(model.model_fields)


# ---------------------------------------------------------------------------------------------- checks


def _check_snake_case(name: str, place: Place) -> None:
    if not SNAKE_CASE.fullmatch(name):
        todo = "minuscules sans accent, chiffres et tirets bas, comme `date_appel`"
        raise ContractError("nom mal formé", f"{place}, clé `name`", todo)


def _check_unique(names: list[str], kind: str, place: Place) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ContractError(f"{kind} en double : {twice[0]}", str(place), "renommer ou retirer l'un des deux")


def _check_column(column: ColumnContract, extract: ExtractMeta, place: Place) -> None:
    def fail(what: str, key: str, todo: str) -> None:
        raise ContractError(what, f"{place}, clé `{key}`", todo)

    if column.name in TECHNICAL_COLUMNS:
        fail("nom réservé aux colonnes techniques", "name", "choisir un autre nom")
    if column.role != "value" and column.vocabulary:
        fail("seule une valeur a un vocabulaire", "vocabulary", "retirer `vocabulary`")
    if column.role != "value" and column.code:
        fail("seule une valeur peut être un code", "code", "retirer `code`")
    if column.role == "value" and column.type == "text" and bool(column.vocabulary) == column.code:
        todo = "écrire `vocabulary: <champ>` ou `code: true`, ou `role: ignored` pour du texte libre"
        fail("une valeur de type texte a soit un vocabulaire, soit `code: true`", "vocabulary", todo)
    if column.type != "text" and (column.vocabulary or column.code):
        fail(f"un champ de type {column.type} n'a ni vocabulaire ni code", "type", "écrire `type: text`")
    if column.role in NAME_ROLES and column.type != "text":
        fail("un nom est un texte", "type", "écrire `type: text`")
    if column.role == "identity.birth_date" and column.type != "date":
        fail("une date de naissance est une date", "type", "écrire `type: date`")
    if not column.is_date and column.format:
        fail("seule une date a un format", "format", "retirer `format`, ou écrire `type: date`")
    if column.role != "ignored":
        _check_date_format(column, extract, place)
    if column.required and column.optional:
        fail("obligatoire et facultative à la fois", "optional", "retirer `required` ou `optional`")


def _check_date_format(column: ColumnContract, extract: ExtractMeta, place: Place) -> None:
    if not column.is_date:
        return
    where = f"{place}, clé `format`"
    is_csv = extract.format.type == "csv"
    if column.format is None and is_csv:
        raise ContractError("date sans format", where, 'ajouter par exemple `format: "%d/%m/%Y"`')
    if column.format == EXCEL_SERIAL and is_csv:
        raise ContractError("nombre d'Excel dans un fichier csv", where, 'écrire par exemple "%d/%m/%Y"')
    if column.format not in (None, EXCEL_SERIAL):
        directives = set(re.findall(r"%(.)", column.format))
        if not {"d", "m", "Y"} <= directives or not directives <= set("dmYHMSz%"):
            todo = "utiliser %d, %m, %Y (année sur quatre chiffres) et, pour une heure, %H, %M, %S, %z"
            raise ContractError("format de date non permis", where, todo)


def _check_extract(extract: ExtractContract, place: Place) -> None:
    if not extract.read_columns:
        raise ContractError("aucune colonne à lire", str(place), "décrire les colonnes sous `columns:`")
    _check_unique([column.name for column in extract.columns], "nom de colonne", place)
    # Two spellings of one column may differ in case only; two columns may not.
    headers = [key for column in extract.columns for key in {text.casefold() for text in column.headers}]
    _check_unique(headers, "en-tête", place)
    roles = Counter(column.role for column in extract.columns)
    for role in SINGLE_ROLES:
        if roles[role] > 1:
            todo = f"garder `role: {role}` pour une seule, `role: ignored` pour les autres"
            raise ContractError(f"{roles[role]} colonnes ont le rôle {role}", f"{place}, clé `role`", todo)
    _check_date_columns(extract, place)
    _check_file_pattern(extract, place)


def _check_date_columns(extract: ExtractContract, place: Place) -> None:
    """`month_column` and `not_before` name date columns of the same extract that are read."""
    dates = {column.name for column in extract.read_columns if column.is_date}
    named = {f"{place}, clé `month_column`": extract.month_column}
    named |= {f"{place}, colonne {column.name}, clé `not_before`": column.not_before for column in extract.columns}
    for where, name in named.items():
        if name is not None and name not in dates:
            todo = f"nommer une colonne de date : {', '.join(sorted(dates))}"
            raise ContractError(f"`{name}` n'est pas une colonne de date de cet extrait", where, todo)
    for column in extract.columns:
        if column.not_before and column.name not in dates:
            where = f"{place}, colonne {column.name}, clé `not_before`"
            raise ContractError("seule une date a un `not_before`", where, "retirer `not_before`")


def _check_file_pattern(extract: ExtractContract, place: Place) -> None:
    where = f"{place}, clé `file`"
    counts = Counter(re.findall(r"\{[^}]*\}", extract.file))
    if counts["{yyyy}"] != 1 or counts["{mm}"] != 1 or counts["{version}"] > 1:
        todo = 'y mettre {yyyy} et {mm}, par exemple "appels_{yyyy}-{mm}{version}.csv"'
        raise ContractError("le nom de fichier ne dit pas le mois", where, todo)
    if set(counts) - {"{yyyy}", "{mm}", "{version}"} or "/" in extract.file or "\\" in extract.file:
        todo = "n'utiliser que {yyyy}, {mm} et {version}, sans dossier"
        raise ContractError("nom de fichier non permis", where, todo)
    if not extract.file.endswith(f".{extract.format.type}"):
        raise ContractError("extension et format différents", where, f"finir par .{extract.format.type}")


def _check_patterns_exclusive(extracts: list[ExtractContract], place: Place) -> None:
    """A file name must tell which extract it is: no pattern accepts a name of another.

    Extracts that are sheets of one workbook have the very same pattern, and no two the same sheet.
    """
    sheets = [(extract.file, extract.format.sheet) for extract in extracts if extract.format.type == "xlsx"]
    for extract in extracts:
        sample = extract.file.replace("{yyyy}", "2024").replace("{mm}", "03")
        for version in ("", "_v2"):
            name = sample.replace("{version}", version)
            matches = [other for other in extracts if other.month_of(name)]
            files = {(other.file, other.format.type) for other in matches}
            is_workbook = files == {(extract.file, "xlsx")} and len(set(sheets)) == len(sheets)
            if len(matches) > 1 and not is_workbook:
                names = " et ".join(other.name for other in matches)
                what = f"les extraits {names} acceptent le même nom de fichier"
                todo = "donner à chacun un nom distinct, ou un onglet distinct d'un même classeur"
                raise ContractError(what, f"{place}, clé `file`", todo)


def _check_vocabularies(extract: ExtractContract, project_dir: Path, place: Place) -> None:
    mappings = project_dir / "seeds" / "mappings"
    if not mappings.is_dir():
        return
    for column in extract.columns:
        name = f"map_{column.vocabulary}.csv"
        if column.vocabulary and not (mappings / name).is_file():
            where = f"{place}, colonne {column.name}, clé `vocabulary`"
            todo = f"créer seeds/mappings/{name} ou corriger le nom du vocabulaire"
            raise ContractError(f"vocabulaire inconnu : {column.vocabulary}", where, todo)


def _check_purposes(extract: ExtractContract, place: Place) -> None:
    """What is read is read for something (RGPD, art. 5): a role or a vocabulary says it, or the contract."""
    for column in extract.read_columns:
        if column.purpose is None:
            todo = "dire en une phrase à quoi sert cette colonne : `purpose: ...`"
            raise ContractError("colonne sans finalité", f"{place}, colonne {column.name}, clé `purpose`", todo)
