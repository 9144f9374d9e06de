"""An extract that no contract of the project describes: a made-up list of a house of medical beds (LHSS).

Everything about it is odd on purpose: a title above the headers, abbreviations, a column of doctors, free text, a
second sheet, words that no operator has used so far.
"""

from __future__ import annotations

import io
import random
from datetime import date, datetime, timedelta
from typing import Any

import xlsxwriter

FILE_NAME = "Extraction_LHSS_03-2024.xlsx"
SHEET = "Présents du mois"
HEADERS = [
    *("IPP", "NOM D'USAGE", "Prénom usuel", "DDN", "Civ.", "Adm. le", "Sorti(e) le", "Type de lit"),
    *("Ville", "Devenir", "Cause de sortie", "Ressource princ.", "Médecin traitant", "Observations"),
]
_SYLLABLES = ("ka", "lo", "mi", "ren", "tou", "va", "zel", "bri", "do", "fa", "gou", "ne")
_BEDS = ("LHSS", "Lit LHSS", "Lits halte soins santé", "LAM", "Lit d'accueil médicalisé")
_TOWNS = ("Dijon", "DIJON", "Chenove", "Quetigny", "Talant", "SDF Dijon")
_FUTURES = ("Logement autonome", "Pension de famille", "CHRS", "Retour à la rue", "Hôpital", "Chez un proche")
_CAUSES = ("Fin de soins", "Hospitalisation", "Départ volontaire", "Décès", "Orientation logement")
_MEANS = ("RSA", "AAH", "Sans", "Pension invalidité", "ADA")
_DOCTORS = ("Dr Kalomiren", "Dr Toufazel")
_NOTES = ("Pansement le matin, appeler sa sœur Neva", "Revu par la psychiatrie, dort mal", "")


def lhss_rows(count: int = 60, seed: int = 5) -> list[list[Any]]:
    """Rows of the list for March 2024; birth dates are dates, like those of entry and exit."""
    draw = random.Random(seed)

    def name(parts: int) -> str:
        return "".join(draw.choice(_SYLLABLES) for _ in range(parts)).capitalize()

    rows = []
    for number in range(count):
        entry = date(2023, 9, 1) + timedelta(days=draw.randrange(205))
        has_left = draw.random() < 0.3
        exit_date = max(entry, date(2024, 3, 1)) + timedelta(days=draw.randrange(5)) if has_left else None
        rows.append(
            [
                f"80{number:06}",
                name(3).upper(),
                name(2),
                date(1950, 1, 1) + timedelta(days=draw.randrange(18_000)),
                draw.choice(("M.", "Mme", "Mr")),
                entry,
                exit_date,
                draw.choice(_BEDS),
                draw.choice(_TOWNS),
                draw.choice(_FUTURES) if has_left else None,
                draw.choice(_CAUSES) if has_left else None,
                draw.choice(_MEANS),
                draw.choice(_DOCTORS),
                draw.choice(_NOTES),
            ]
        )
    return rows


def lhss_workbook(rows: list[list[Any]], headers: list[str] = HEADERS, sheet: str = SHEET) -> bytes:
    """The workbook: a title, a blank row, the headers, the rows."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"default_date_format": "dd/mm/yyyy"})
    page = book.add_worksheet(sheet)
    page.write_string(0, 0, "Extraction du logiciel de soins")
    page.write_row(2, 0, headers)
    for place, row in enumerate(rows, start=3):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                page.write_datetime(place, column, datetime.combine(cell, datetime.min.time()))
            elif cell is not None:
                page.write_string(place, column, str(cell))
    book.add_worksheet("Légende").write_string(0, 0, "Source : logiciel de soins")
    book.close()
    return content.getvalue()
