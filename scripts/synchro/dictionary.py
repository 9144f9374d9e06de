"""The data dictionary that goes with a publication: for programs (json), for a spreadsheet (csv)."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

from synchro.artifacts import TableDoc, french_term
from synchro.export import Column
from synchro.publication.spreadsheet import FORMULA_STARTS

SYNTHETIC = "DONNÉES FICTIVES : territoire simulé, aucune personne réelle"
_TYPE_LABELS = {
    "BIGINT": "entier",
    "DOUBLE": "nombre",
    "BOOLEAN": "vrai/faux",
    "DATE": "date",
    "TIMESTAMP": "date et heure",
    "VARCHAR": "texte",
}
_CSV_HEADER = (
    *("table", "libelle_table", "remise", "grain", "description_table", "lignes"),
    *("colonne", "libelle", "type", "pseudonyme", "description", "mention"),
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
    """Everything that is said of the tables. No clock: the same inputs give the same text.

    `disclosure`: how figures were protected and hang together; empty where they are exact.
    """

    audience: str
    territory: str
    as_of: str
    deliveries: Deliveries
    dbt_version: str
    dbt_vars: dict[str, Any]
    tables: list[PublishedTable] = field(default_factory=list)
    disclosure: dict[str, Any] = field(default_factory=dict)

    @property
    def mention(self) -> dict[str, str]:
        """What every reader is told first; nothing of real data."""
        return {"mention": SYNTHETIC} if self.deliveries.is_synthetic else {}

    def to_json(self) -> str:
        """The dictionary for programs."""
        content = {
            "audience": self.audience,
            **self.mention,
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
            **({"disclosure": self.disclosure} if self.disclosure else {}),
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
                cells = [table.name, french_term(table.doc.description) or ""]
                cells += [f"non : {table.reason}" if table.reason else "oui"]
                cells += [table.doc.grain, table.doc.description, str(table.row_count)]
                cells += [column.name, french_term(column.description) or "", _TYPE_LABELS[column.data_type]]
                cells += [
                    "oui" if column.pseudonym_kind else "non",
                    column.description,
                    self.mention.get("mention", ""),
                ]
                writer.writerow([neutral_cell(cell) for cell in cells])
        return text.getvalue()


def _table_json(table: PublishedTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "label_fr": french_term(table.doc.description),
        "grain": table.doc.grain,
        "description": table.doc.description,
        "key": list(table.doc.key),
        "row_count": table.row_count,
        "is_handed_over": table.reason is None,
        "reason": table.reason,
        "columns": [
            {
                "name": column.name,
                "label_fr": french_term(column.description),
                "type": column.data_type.lower(),
                "is_pseudonym": column.pseudonym_kind is not None,
                "description": column.description,
            }
            for column in table.columns
        ],
    }


def neutral_cell(text: str) -> str:
    """The text as it is, after an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
