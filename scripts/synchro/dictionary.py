"""The data dictionary that goes with a publication: for programs (json), for a spreadsheet (csv), to read (txt)."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field, replace
from typing import Any

from synchro.artifacts import TableDoc
from synchro.export import Column

# A spreadsheet runs a cell that starts like this (CWE-1236).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TYPE_LABELS = {
    "BIGINT": "entier",
    "DOUBLE": "nombre",
    "BOOLEAN": "vrai/faux",
    "DATE": "date",
    "TIMESTAMP": "date et heure",
    "VARCHAR": "texte",
}
_CSV_HEADER = (
    *("table", "remise", "grain", "description_table", "lignes"),
    *("colonne", "type", "pseudonyme", "description"),
)
# The value of dbt's variable `as_of` that leaves no delivery out.
EVERYTHING = "9999-12-31"
EMPTY_TABLE = "table sans ligne : le tableau de bord ne sait pas lire une table vide"


@dataclass(frozen=True)
class Deliveries:
    """What the publication rests on: the deliveries known on the day `as_of`."""

    count: int
    is_synthetic: bool
    first_reference_month: str
    last_reference_month: str
    last_received_at: str


@dataclass(frozen=True)
class PublishedTable:
    """A table handed over, or not and why (`reason`)."""

    doc: TableDoc
    columns: list[Column]
    row_count: int
    reason: str | None

    @property
    def name(self) -> str:
        """The table's name, as in the dashboard's queries."""
        return self.doc.name


@dataclass(frozen=True)
class Dictionary:
    """Everything that is written beside the tables. No clock: the same inputs give the same text."""

    audience: str
    territory: str
    as_of: str
    deliveries: Deliveries
    dbt_version: str
    dbt_vars: dict[str, Any]
    tables: list[PublishedTable] = field(default_factory=list)

    def with_tables(self, tables: list[PublishedTable]) -> Dictionary:
        """The same dictionary, of these tables."""
        return replace(self, tables=tables)

    def to_json(self) -> str:
        """The dictionary for programs."""
        content = {
            "audience": self.audience,
            "territory": self.territory,
            "is_synthetic": self.deliveries.is_synthetic,
            "as_of": self.as_of,
            "deliveries": {
                "count": self.deliveries.count,
                "first_reference_month": self.deliveries.first_reference_month,
                "last_reference_month": self.deliveries.last_reference_month,
                "last_received_at": self.deliveries.last_received_at,
            },
            "dbt": {"command": "build", "version": self.dbt_version, "vars": self.dbt_vars},
            "tables": [_table_json(table) for table in self.tables],
        }
        return json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n"

    def to_csv(self) -> str:
        """The dictionary for a spreadsheet: one row per column of each table, `;` between cells."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(_CSV_HEADER)
        for table in self.tables:
            for column in table.columns:
                cells = [table.name, f"non : {table.reason}" if table.reason else "oui"]
                cells += [table.doc.grain, table.doc.description, str(table.row_count)]
                cells += [column.name, _TYPE_LABELS[column.data_type]]
                cells += ["oui" if column.pseudonym_kind else "non", column.description]
                writer.writerow([neutral_cell(cell) for cell in cells])
        return text.getvalue()

    def to_readme(self) -> str:
        """The page that says for whom, what, as of when."""
        known = self.deliveries
        handed = [table for table in self.tables if table.reason is None]
        kept = [table for table in self.tables if table.reason is not None]
        lines = [
            f"SYNCHRØ – publication « {self.audience} » – {self.territory}",
            "",
            *_synthetic_lines(known.is_synthetic),
            "Pour qui : les personnes habilitées des organismes sous convention, et elles seules.",
            "Les effectifs sont exacts et la liste est individuelle (pseudonymisée) : ce sont des données",
            "personnelles. Ne rien rediffuser, ne rien rapprocher d'un autre fichier.",
            "Les identifiants (person_id, record_id…) n'ont de sens que dans cette publication.",
            "",
            f"Mois couverts : {known.first_reference_month[:7]} à {known.last_reference_month[:7]}",
            f"Livraisons acceptées : {known.count} (dernière reçue le {known.last_received_at} UTC)",
            "Ce qui était connu : " + ("tout ce qui a été reçu" if self.as_of == EVERYTHING else f"au {self.as_of}"),
            "",
            "Contenu",
            "  liste-compilee-AAAA-MM.xlsx la liste du dernier mois et ce qui peut être tenté (tableur)",
            "  data/synchro/*.parquet      les tables",
            "  sources/synchro/            la source à donner à un projet Evidence",
            "  dictionnaire.csv            chaque table et colonne (tableur)",
            "  dictionary.json             la même chose, pour un programme",
            "",
            "Tables",
            *(f"  {table.name} : {table.row_count} ligne(s)" for table in handed),
            *(f"  {table.name} : non remise ({table.reason})" for table in kept),
        ]
        return "\n".join(lines) + "\n"


def _synthetic_lines(is_synthetic: bool) -> list[str]:
    if not is_synthetic:
        return []
    return ["DONNÉES FICTIVES : territoire simulé, aucune personne réelle, aucun chiffre à citer.", ""]


def _table_json(table: PublishedTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "grain": table.doc.grain,
        "description": table.doc.description,
        "key": list(table.doc.key),
        "row_count": table.row_count,
        "is_handed_over": table.reason is None,
        "reason": table.reason,
        "columns": [
            {
                "name": column.name,
                "type": column.data_type.lower(),
                "is_pseudonym": column.pseudonym_kind is not None,
                "description": column.description,
            }
            for column in table.columns
        ],
    }


def neutral_cell(text: str) -> str:
    """The text as it is, after an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
