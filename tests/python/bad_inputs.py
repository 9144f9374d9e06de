"""The catalogue of bad inputs: each a file (or a few) and what must become of it.

Verdicts: `accepted` as it is; `normalised`, with what is stored or noted; `quarantined`, rows set aside by code;
`duplicate`; `rejected`, by a code, leaving every byte of both databases as it was.

Where a contract or another rule of the project decides, the verdict is its own:
- 3: no contract declares UTF-16, so it is refused;
- 14: a csv whose last line has no end is refused only when no manifest tells its number of rows;
- 34, 44: a birth date that cannot be is kept for the parts of it that can (`values.birth_date_reader`), and counted;
  a row is set aside where the contract says which date cannot precede which (`not_before`);
- 40: of value dates; a birth date is typed by hand and judged alone;
- 42: required dates only: an expected exit is rightly in the future;
- 46: accepted and noted; a small operator's last visit may well be on the 12th;
- 48, 50: words are kept as typed, mapping seeds translate them, and what no seed knows is counted as unmapped;
- 52: birth dates that differ in one part only, or by day and month exchanged, are one person badly typed;
- 62 to 64: archives are not opened at all; an xlsx, which is one, never leaves memory.
"""

from __future__ import annotations

import io
import os
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import openpyxl
import xlsxwriter

from landing_kit import column, deliver, table, write_project
from sealing_kit import DAY, rewrite_manifest
from synchro import readers
from synchro.landing import land
from synchro.manifests import MANIFEST_SUFFIX
from synchro.reception import generate_operator, generate_reception, load_operator_key, load_public, public_path
from synchro.sealing import Sealed, Sealer, load_sealer, seal
from synchro.settings import Settings

CANARY = "Zqxcanari"
MARCH, WORKBOOK = "visits_2024-03.csv", "stays_2024-03.xlsx"
CSV = {"type": "csv", "encoding": "utf-8", "delimiter": ";"}
DATE = {"type": "date", "format": "%d/%m/%Y"}
VISITS = [
    column("ref", "Réf", "record.local_id", required=True),
    column("nom", "Nom", "identity.last_name"),
    column("prenom", "Prénom", "identity.first_name"),
    column("date_naissance", "Né(e) le", "identity.birth_date", **DATE),
    column("date_visite", "Date", required=True, not_before="date_naissance", **DATE),
    column("date_sortie", "Sortie", not_before="date_visite", **DATE),
    column("situation", "Situation", vocabulary="situation", aliases=["Situation actuelle"]),
    column("accueilli", "Accueilli", code=True),
    column("places", "Places", type="integer"),
    column("vu_a", "Vu à", type="datetime", format="%Y-%m-%dT%H:%M:%S%z"),
    column("notes", "Notes", "ignored"),
]
HEADER = "Réf;Nom;Prénom;Né(e) le;Date;Sortie;Situation;Accueilli;Places;Vu à;Notes"
STAYS = [
    column("ref", "Réf", "record.local_id", required=True),
    column("nom", "Nom", "identity.last_name"),
    column("entree", "Entrée", type="date", required=True),
    column("sortie", "Sortie", type="date", format="excel_serial"),
    column("lits", "Lits", type="integer"),
]
STAYS_HEADER = ["Réf", "Nom", "Entrée", "Sortie", "Lits"]


def visits(**meta: Any) -> dict[str, Any]:
    return table("visits", "visits_{yyyy}-{mm}{version}.csv", VISITS, month_column="date_visite", **meta)


def stays(**form: Any) -> dict[str, Any]:
    form = {"type": "xlsx", "sheet": "Séjours", "header_row": 2} | form
    return table("stays", "stays_{yyyy}-{mm}{version}.xlsx", STAYS, format=form)


def row(ref: str = "R1", **cells: str) -> str:
    """One line of visits; names hold the canary, which no message may show."""
    usual = {"nom": CANARY, "prenom": "Ana", "naissance": "03/04/1980", "date": "28/03/2024", "situation": "À la rue"}
    cells = {"ref": ref} | usual | cells
    order = ("ref", "nom", "prenom", "naissance", "date", "sortie", "situation", "accueilli", "places", "vu", "notes")
    return ";".join(cells.get(name, "") for name in order)


def text(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *(rows or [row()])]) + "\n"


def book(
    rows: list[list[Any]] | None = None, sheet: str = "Séjours", change: Callable | None = None, **options: Any
) -> bytes:
    """A workbook of stays: a title, a header in row 2, rows from row 3. change(workbook, sheet) does the rest."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True} | options)
    page = workbook.add_worksheet(sheet)
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    page.write(0, 0, "Séjours du mois")
    for place, cells in enumerate([STAYS_HEADER, *(rows or [["R1", CANARY, date(2024, 3, 5), None, 2]])], start=1):
        for position, cell in enumerate(cells):
            if isinstance(cell, date):
                page.write_datetime(place, position, cell, day)
            elif cell is not None:
                page.write(place, position, cell)
    if change:
        change(workbook, page)
    workbook.close()
    return buffer.getvalue()


def with_part(name: str, content: bytes, base: bytes | None = None) -> bytes:
    """A workbook with one more part, or with one replaced."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base or book())) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return buffer.getvalue()


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in files.items():
            new.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def without_cached_values() -> bytes:
    workbook = openpyxl.load_workbook(io.BytesIO(book()))
    workbook.active["E3"] = "=1+1"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def bomb() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    xml = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a0 "{CANARY}">{entities}]><sst><si><t>&a8;</t></si></sst>'
    return with_part("xl/sharedStrings.xml", xml.encode())


def flagged_encrypted() -> bytes:
    """A workbook whose entries say they are encrypted (ZipCrypto)."""
    content = bytearray(book())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(magic)
        while start >= 0:
            content[start + place] |= 1
            start = content.find(magic, start + 4)
    return bytes(content)


# ----------------------------------------------------------------------------------------------- scenes


@dataclass(frozen=True)
class Scene:
    """Where a case is played: an installation with keys and one month landed, and an inbox."""

    settings: Settings
    inbox: Path

    def put(self, content: str | bytes, name: str = MARCH, **changes: Any) -> Path:
        """A file of alpha with its manifest, whose number of rows may have to be told."""
        return deliver(self.inbox, name, content, **changes)

    def put_book(self, content: bytes, rows: int = 1, name: str = WORKBOOK) -> Path:
        return self.put(content, name, extract="stays", rows=rows)

    def sealed(self, content: str | None = None, days: int = 0, **keys: Any) -> Sealed:
        """A file of beta, whose contract asks for seals."""
        path = deliver(self.inbox.parent / "clear", MARCH, content or text(), operator="beta")
        return seal(path, self.inbox / "beta", self.sealer(**keys), DAY + timedelta(days=days))

    def sealer(self, **changes: Any) -> Sealer:
        sealer = load_sealer(self.settings, [], "beta", encode=False)
        return Sealer(**{**vars(sealer), **changes})

    def lie(self, sealed: Sealed, **changes: Any) -> None:
        rewrite_manifest(sealed, self.settings, "beta", **changes)


Verdict = Literal["accepted", "normalised", "quarantined", "duplicate", "rejected"]


@dataclass(frozen=True)
class Case:
    """One case. play puts files in the inbox; the verdict is of the last receipt.

    counts: rows landed, deduplicated, quarantined. stored: the rows as landed, of the columns named here. persons:
    distinct identities in the vault. words: what the message must say (row, column, code).
    """

    number: int
    name: str
    play: Callable[[Scene], Any]
    verdict: Verdict
    code: str | None = None
    words: tuple[str, ...] = ()
    counts: tuple[int, int, int] = (1, 0, 0)
    stored: tuple[dict[str, Any], ...] = ()
    quarantine: tuple[tuple[int, str, str], ...] = ()
    notes: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    unknown_columns: int = 0
    # Where the operator's contract or the project is not the usual one.
    tables: tuple[dict[str, Any], ...] = ()
    is_real: bool = False
    extract: str = "visits"
    persons: int | None = None


def plain(content: str | bytes, **changes: Any) -> Callable[[Scene], Any]:
    return lambda scene: scene.put(content, **changes)


def xlsx(content: Callable[[], bytes] | bytes, rows: int = 1) -> Callable[[Scene], Any]:
    return lambda scene: scene.put_book(content if isinstance(content, bytes) else content(), rows)


def changed(**claims: Any) -> Callable[[Scene], Any]:
    """A sealed delivery whose signed manifest says something else."""
    return lambda scene: scene.lie(scene.sealed(), **claims)


def cut(place: int) -> Callable[[Scene], Any]:
    def play(scene: Scene) -> None:
        path = scene.sealed().path
        path.write_bytes(path.read_bytes()[:place])

    return play


# ------------------------------------------------------------------------------------------ longer plays


def _swap_manifest_key(scene: Scene) -> None:
    """Sealed and signed by gamma, put in the folder of beta."""
    sealed = scene.sealed()
    generate_operator(scene.settings, "gamma")
    secret = load_operator_key(scene.settings.keys.with_name("operateur-gamma.json"), "gamma")
    rewrite_manifest(sealed, scene.settings, "beta", secret=secret)


def _sealed_elsewhere(scene: Scene) -> None:
    other = write_project(scene.inbox.parent / "elsewhere")
    generate_reception(other)
    scene.sealed(public=load_public(public_path(other.keys)))


def _stale(scene: Scene) -> None:
    first = scene.sealed()
    scene.sealed(text(row(), row("R2")), days=1)
    away = [path.rename(scene.inbox.parent / path.name) for path in scene.inbox.rglob(f"{first.path.name}*")]
    land(scene.inbox, scene.settings)
    for path in scene.inbox.rglob("*_002.age*"):
        path.unlink()
    for path in away:
        path.rename(first.path.parent / path.name)


def _without_manifest(scene: Scene) -> None:
    path = scene.sealed().path
    path.with_name(path.name + MANIFEST_SUFFIX).unlink()


def _altered_manifest(scene: Scene) -> None:
    path = scene.sealed().path
    manifest = path.with_name(path.name + MANIFEST_SUFFIX)
    manifest.write_bytes(manifest.read_bytes().replace(b'"rows":1', b'"rows":2'))


def _sealed_with(change: Callable[[bytes], bytes]) -> Callable[[Scene], Any]:
    def play(scene: Scene) -> None:
        path = scene.sealed().path
        path.write_bytes(change(path.read_bytes()))

    return play


def _link(make: Callable[[Path, Path], None]) -> Callable[[Scene], Any]:
    def play(scene: Scene) -> None:
        target = scene.inbox.parent / f"{CANARY}.csv"
        target.write_text(text(), encoding="utf-8")
        (scene.inbox / "alpha").mkdir(parents=True)
        make(target, scene.inbox / "alpha" / MARCH)

    return play


def _huge(scene: Scene) -> None:
    """A file that is larger than allowed, and holds nothing."""
    path = scene.put(text())
    os.truncate(path, readers.MAX_BYTES + 1)


def _twice(scene: Scene) -> None:
    scene.put(text())
    land(scene.inbox, scene.settings)


def _corrected(scene: Scene) -> None:
    scene.put(text(row(), row("R2")))
    scene.put(text(row()), "visits_2024-03_v2.csv", reference_month="2024-03", received_at="2024-05-02T08:00:00")


def _hide_rows(workbook: Any, page: Any) -> None:
    page.set_row(2, None, None, {"hidden": True})


def _hide_sheet(workbook: Any, page: Any) -> None:
    workbook.add_worksheet("Liste").hide()


def _swapped_cells() -> str:
    return text(row(), row("R2", date="03/25/2024"), row("R3", date="25/03/2024"))


CACHED = book(change=lambda workbook, page: page.write_formula("E3", "=1+2", None, 3))
TITLE = "Export du 05/04/2024\n"
MASS = tuple(row(f"R{n}", naissance="01/01/1985" if n < 15 else "03/04/1980") for n in range(20))

CASES = (
    Case(1, "marque d'ordre UTF-8", plain("\ufeff" + text()), "normalised", stored=({"situation": "À la rue"},)),
    Case(2, "cp1252 non déclaré", plain(text().encode("cp1252")), "rejected", "ENCODING", ("utf-8", "ligne 1")),
    Case(
        2, "cp1252 déclaré", plain(text().encode("cp1252")), "normalised", stored=({"situation": "À la rue"},),
        tables=(visits(format=CSV | {"encoding": "cp1252"}),),
    ),
    Case(3, "UTF-16", plain(text().encode("utf-16"), rows=1), "rejected", "ENCODING", ("UTF-16",)),
    Case(
        4, "accents codés deux fois partout", plain(text().encode().decode("cp1252")), "normalised",
        notes={"MOJIBAKE": 5}, stored=({"situation": "À la rue"},),
    ),
    Case(
        4, "accents codés deux fois par endroits", plain(text(row(situation="HÃ©bergÃ©"))), "accepted",
        notes={"MOJIBAKE_LEFT": 2},
    ),
    Case(
        5, "accents composés ou décomposés",
        plain(text(row(nom="Zéphirquel"), row("R2", nom=unicodedata.normalize("NFD", "Zéphirquel")))), "normalised",
        counts=(2, 0, 0), persons=1,
    ),
    Case(6, "octet isolé illisible", plain(text().encode().replace(b"Ana", b"A\xffa")), "rejected", "ENCODING",
         ("ligne 2",)),
    Case(7, "octet nul", plain(text(row(prenom="A\0na"))), "rejected", "NUL", ("ligne 2",)),
    Case(
        8, "signes invisibles, espaces insécables, sens d'écriture",
        plain(text(row("\u200bR1", date="\u202a28/03/2024\u202c", situation="À\u00a0la\u202frue"))), "normalised",
        stored=({"date_visite": "2024-03-28", "situation": "À la rue"},),
    ),
    Case(9, "autre séparateur", plain(text().replace(";", ",")), "rejected", "SEPARATOR", ("« , »", "« ; »")),
    Case(10, "guillemet jamais fermé", plain(text(row(), row("R2", nom=f'"{CANARY}'))), "rejected", "QUOTES",
         ("ligne 3",)),
    Case(11, "saut de ligne entre guillemets", plain(text(row(notes='"a\nb"')), rows=1), "accepted"),
    Case(12, "fins de ligne CR", plain(text().replace("\n", "\r"), rows=1), "normalised"),
    Case(12, "fins de ligne mêlées", plain(text(row(), row("R2")).replace("\n", "\r\n", 1)), "normalised",
         counts=(2, 0, 0)),
    Case(13, "ligne trop courte", plain(text(row(), f"R2;{CANARY}")), "rejected", "ROW_LENGTH",
         ("ligne 3", "2 champs")),
    Case(13, "ligne trop longue", plain(text(row() + ";x")), "rejected", "ROW_LENGTH", ("ligne 2", "12 champs")),
    Case(14, "dernière ligne coupée, sans manifeste", plain(text()[:-1], manifest=False), "rejected", "CUT",
         ("ligne 2",), is_real=True),
    Case(14, "dernière ligne sans fin, comptée au manifeste", plain(text()[:-1], rows=1), "accepted"),
    Case(15, "titre au-dessus de l'en-tête", plain(TITLE + text(), rows=2), "rejected", "HEADER",
         ("« Réf »", "ligne d'en-tête")),
    Case(15, "titre au-dessus de l'en-tête, déclaré", xlsx(book), "accepted", extract="stays"),
    Case(16, "ligne de total", plain(text(row(), row("TOTAL", date="", places="12"))), "quarantined",
         quarantine=((2, "ref", "TOTAL"),), counts=(1, 0, 1)),
    Case(17, "fichier vide", plain(b"", rows=0), "rejected", "EMPTY"),
    Case(18, "en-tête seul", plain(HEADER + "\n", manifest=False), "rejected", "NO_ROWS", is_real=True),
    Case(18, "en-tête seul, annoncé", plain(HEADER + "\n", rows=0), "accepted", counts=(0, 0, 0)),
    Case(19, "sans en-tête", plain(row() + "\n", rows=1), "rejected", "HEADER", ("« Réf »",)),
    Case(20, "colonne en double, autre casse", plain(text(row() + ";x", header=f"{HEADER};NOM")), "rejected",
         "HEADER_TWICE", ("colonnes 2 et 12",)),
    Case(21, "colonne obligatoire absente", plain(text(header=HEADER.replace("Date", "Jour"))), "rejected", "HEADER",
         ("« Date »",)),
    Case(22, "colonne renommée, alias au contrat",
         plain(text(header=HEADER.replace("Situation", "Situation actuelle"))), "normalised",
         stored=({"situation": "À la rue"},)),
    Case(22, "colonne renommée, inconnue du contrat", plain(text(header=HEADER.replace("Situation", CANARY))),
         "rejected", "HEADER", ("« Situation »",)),
    Case(23, "colonne nouvelle", plain(text(row() + f";{CANARY}", header=f"{HEADER};{CANARY}")), "accepted",
         unknown_columns=1),
    Case(24, "colonnes dans un autre ordre",
         plain(text(";".join(reversed(row().split(";"))), header=";".join(reversed(HEADER.split(";"))))), "accepted",
         stored=({"date_visite": "2024-03-28", "situation": "À la rue"},)),
    Case(25, "nom dans une colonne de texte libre", plain(text(row(notes=f"frère de {CANARY}"))), "accepted"),
    Case(25, "nom dans une colonne codée", plain(text(row(accueilli=f"chez {CANARY}"))), "normalised",
         stored=({"accueilli": "[masqué]"},)),
    Case(26, "formule avec son résultat", xlsx(CACHED), "accepted", extract="stays", stored=({"lits": "3"},)),
    Case(26, "formule sans résultat", xlsx(without_cached_values), "rejected", "FORMULA", ("cellule E3",)),
    Case(27, "feuille masquée à côté", xlsx(lambda: book(change=_hide_sheet)), "accepted", extract="stays",
         notes={"HIDDEN_SHEETS": 1}),
    Case(27, "lignes masquées", xlsx(lambda: book(change=_hide_rows)), "accepted", extract="stays",
         notes={"HIDDEN_ROWS": 1}),
    Case(27, "feuille attendue absente", xlsx(lambda: book(sheet="Autre")), "rejected", "SHEET", ("« Séjours »",)),
    Case(28, "cellules fusionnées", xlsx(lambda: book(change=lambda w, page: page.merge_range("B3:B4", CANARY))),
         "rejected", "MERGED", ("ligne 4", "colonne 2")),
    Case(29, "classeur avec macros", xlsx(lambda: with_part("xl/vbaProject.bin", b"x")), "rejected", "FORMAT",
         ("macros",)),
    Case(29, "lien vers un autre fichier", xlsx(lambda: with_part("xl/externalLinks/externalLink1.xml", b"<a/>")),
         "rejected", "FORMAT", ("lié",)),
    Case(29, "classeur ods sous un nom d'xlsx",
         xlsx(archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content=b"x")), "rejected",
         "FORMAT"),
    Case(29, "ancien classeur xls", xlsx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "rejected", "FORMAT",
         ("ancien format",)),
    Case(30, "bombe XML", xlsx(bomb), "rejected", "FORMAT", ("XML",)),
    Case(31, "csv sous un nom d'xlsx", xlsx(text().encode()), "rejected", "FORMAT", ("xlsx",)),
    Case(31, "xlsx sous un nom de csv", plain(book(), rows=1), "rejected", "FORMAT", ("csv",)),
    Case(32, "classeur à mot de passe",
         xlsx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600), "rejected",
         "FORMAT", ("mot de passe",)),
    Case(33, "texte qui se lit comme une formule", plain(text(row(accueilli="=cmd|' /C calc'!A"))), "accepted",
         stored=({"accueilli": "=cmd|' /C calc'!A"},)),
    Case(34, "31 février, jour zéro", plain(text(row(), row("R2", date="31/02/2024"), row("R3", date="00/00/2024"))),
         "quarantined", quarantine=((2, "date_visite", "BAD_DATE"), (3, "date_visite", "BAD_DATE")),
         counts=(1, 0, 2)),
    Case(34, "né un 31 février", plain(text(row(naissance="31/02/1980"))), "normalised", unreadable=1,
         stored=({"birth_year": "1980", "birth_date_precision": "parts"},)),
    Case(35, "dates bouche-trou", plain(text(row(naissance="01/01/1900", sortie="31/12/9999"))), "normalised",
         unreadable=2, stored=({"birth_year": None, "date_sortie": None},)),
    Case(36, "trop de naissances au 1er janvier", plain(text(*MASS)), "accepted", notes={"UNKNOWN_DAYS": 15},
         counts=(20, 0, 0)),
    Case(37, "année sur deux chiffres", plain(text(row(), row("R2", date="05/03/24"))), "quarantined",
         quarantine=((2, "date_visite", "BAD_DATE"),), counts=(1, 0, 1)),
    Case(38, "nombre d'Excel non déclaré", plain(text(row(), row("R2", date="45211"))), "quarantined",
         quarantine=((2, "date_visite", "BAD_DATE"),), counts=(1, 0, 1)),
    Case(38, "nombre d'Excel déclaré", xlsx(lambda: book([["R1", CANARY, date(2024, 3, 5), 45356, 2]])), "normalised",
         extract="stays", stored=({"sortie": "2024-03-05"},)),
    Case(39, "calendrier de 1904", xlsx(lambda: book([["R1", CANARY, date(2024, 3, 5), 43894, 2]], date_1904=True)),
         "normalised", extract="stays", stored=({"entree": "2024-03-05", "sortie": "2024-03-05"},)),
    Case(40, "jour et mois échangés par endroits", plain(_swapped_cells()), "rejected", "DATE_ORDER",
         ("ligne 2", "« Date »")),
    Case(41, "heure avec fuseau, 23 h 59",
         plain(text(row(vu="2024-03-05T23:30:00Z"), row("R2", vu="2024-03-05T23:59:00+01:00"))), "normalised",
         counts=(2, 0, 0), stored=({"vu_a": "2024-03-06 00:30:00"}, {"vu_a": "2024-03-05 23:59:00"})),
    Case(42, "date à venir", plain(text(row(), row("R2", date="01/04/2024"))), "quarantined",
         quarantine=((2, "date_visite", "FUTURE_DATE"),), counts=(1, 0, 1)),
    Case(43, "sortie avant l'entrée", plain(text(row(), row("R2", sortie="27/03/2024"))), "quarantined",
         quarantine=((2, "date_sortie", "BEFORE"),), counts=(1, 0, 1)),
    Case(44, "né après la visite", plain(text(row(), row("R2", naissance="29/03/2024"))), "quarantined",
         quarantine=((2, "date_visite", "BEFORE"),), counts=(1, 0, 1)),
    Case(44, "plus de cent quinze ans", plain(text(row(naissance="03/04/1880"))), "normalised", unreadable=1,
         stored=({"birth_year": None},)),
    Case(45, "fichier d'un autre mois", plain(text(row(date="28/02/2024"), row("R2", date="27/02/2024"))), "rejected",
         "MONTH", ("2024-03", "« Date »", "2 ligne(s) sur 2")),
    Case(46, "mois incomplet", plain(text(row(date="11/03/2024"))), "accepted", notes={"PARTIAL_MONTH": 11}),
    Case(47, "virgule décimale, milliers espacés", plain(text(row(places="3,0"), row("R2", places="1\u202f200"))),
         "normalised", counts=(2, 0, 0), stored=({"places": "3"}, {"places": "1200"})),
    Case(47, "nombre qui n'est pas entier", plain(text(row(places="3,5"))), "normalised", unreadable=1,
         stored=({"places": None},)),
    Case(48, "oui, O, 1, VRAI, x mêlés",
         plain(text(*(row(f"R{n}", accueilli=word) for n, word in enumerate(["Oui", "O", "1", "VRAI", "x"])))),
         "accepted", counts=(5, 0, 0), stored=tuple({"accueilli": word} for word in ("Oui", "O", "1", "VRAI", "x"))),
    Case(49, "NC, NR, tiret, point d'interrogation, inconnu",
         plain(text(*(row(f"R{n}", nom=word, prenom=word, naissance="NC", places=word)
                      for n, word in enumerate(["NC", "NR", "-", "?", "inconnu"])))),
         "normalised", counts=(5, 0, 0), unreadable=10, persons=0),
    Case(50, "catégorie inconnue", plain(text(row(situation="Sous un porche"))), "accepted",
         stored=({"situation": "Sous un porche"},)),
    Case(51, "mille fois la même ligne", plain(text(*[row()] * 1000)), "normalised", counts=(1, 999, 0),
         notes={"DUPLICATES": 999}),
    Case(52, "deux personnes sous un identifiant",
         plain(text(row(), row("R2", naissance="03/04/1980"), row("R2", naissance="17/11/1992"))), "quarantined",
         quarantine=((2, "ref", "SHARED_ID"), (3, "ref", "SHARED_ID")), counts=(1, 0, 2)),
    Case(52, "une personne, mal saisie une fois", plain(text(row(), row(naissance="04/03/1980"))), "accepted",
         counts=(2, 0, 0)),
    Case(53, "même fichier deux fois", _twice, "duplicate"),
    Case(54, "envoi corrigé", _corrected, "accepted"),
    Case(55, "envoi périmé", _stale, "rejected", "STALE", ("livraison 1", "la 2")),
    Case(56, "manifeste d'un autre opérateur", plain(text(), operator="beta"), "rejected", "MANIFEST",
         ("opérateur",)),
    Case(56, "colonnes d'un autre opérateur", plain("N° dossier;Commune\n1;Dijon\n"), "rejected", "HEADER"),
    Case(56, "signature d'un autre opérateur", _swap_manifest_key, "rejected", "SIGNATURE"),
    Case(57, "autre territoire", changed(territory="ailleurs"), "rejected", "TERRITORY", ("territoire",)),
    Case(58, "scellé pour d'autres clés", _sealed_elsewhere, "rejected", "KEY", ("clé",)),
    Case(58, "autre clé K1", changed(known_answer="0" * 64), "rejected", "KEY", ("K1",)),
    Case(59, "sans signature", _without_manifest, "rejected", "UNSIGNED"),
    Case(59, "en clair quand le contrat demande un sceau",
         lambda scene: deliver(scene.inbox, MARCH, text(), folder="beta", operator="beta"), "rejected", "UNSIGNED",
         ("synchro seal",)),
    Case(59, "manifeste modifié", _altered_manifest, "rejected", "SIGNATURE"),
    Case(59, "clé périmée", lambda scene: scene.sealed(days=400), "rejected", "EXPIRED"),
    Case(60, "sha256 qui ne correspond pas", plain(text(), sha256="0" * 64), "rejected", "MANIFEST", ("sha256",)),
    Case(60, "nombre de lignes qui ne correspond pas", plain(text(), rows=3), "rejected", "ROWS", ("1 lignes", "3")),
    Case(60, "fichier scellé modifié", _sealed_with(lambda b: b[:200] + bytes([b[200] ^ 1]) + b[201:]), "rejected",
         "SHA256"),
    Case(60, "fichier scellé tronqué", cut(-1), "rejected", "SHA256", ("tronqué",)),
    Case(60, "fichier scellé, autre compte de lignes", changed(rows=7), "rejected", "ROWS"),
    Case(61, "lien symbolique", _link(lambda target, path: path.symlink_to(target)), "rejected", "NOT_A_FILE"),
    Case(61, "lien physique", _link(lambda target, path: path.hardlink_to(target)), "rejected", "NOT_A_FILE"),
    Case(61, "tube nommé", _link(lambda target, path: os.mkfifo(path)), "rejected", "NOT_A_FILE"),
    Case(62, "archive qui sort de son dossier",
         plain(archive(**{"..__..__evil.csv": text().encode()}), name="visits_2024-03.zip", manifest=False),
         "rejected", "ARCHIVE", ("archives",)),
    Case(62, "classeur dont une entrée sort de son dossier", xlsx(lambda: with_part("../../evil.xml", b"<a/>")),
         "rejected", "FORMAT"),
    Case(63, "bombe zip", xlsx(lambda: with_part("xl/media/a.bin", b"\0" * 30_000_000)), "rejected", "TOO_LARGE",
         ("décompressé",)),
    Case(63, "trop d'entrées", xlsx(lambda: archive(**{f"xl__{n}": b"" for n in range(600)})), "rejected",
         "TOO_LARGE"),
    Case(63, "zip dans un zip", plain(archive(a=archive(b=b"x")), name="visits_2024-03.zip", manifest=False),
         "rejected", "ARCHIVE"),
    Case(63, "classeur avec une archive incorporée",
         xlsx(lambda: with_part("xl/embeddings/a.zip", archive(b=b"x"))), "rejected", "FORMAT", ("incorporés",)),
    Case(64, "classeur chiffré par ZipCrypto", xlsx(flagged_encrypted), "rejected", "FORMAT"),
    Case(64, "archive chiffrée", plain(b"PK\x03\x04\x14\x00\x01\x00", name="visits_2024-03.7z", manifest=False),
         "rejected", "ARCHIVE"),
    Case(65, "fichier démesuré", _huge, "rejected", "TOO_LARGE", ("512 Mo",)),
    Case(65, "ligne démesurée", plain(text(row(), row("R2", notes="x" * 3 * readers.MAX_LINE_BYTES))), "rejected",
         "TOO_LARGE", ("ligne démesurée",)),
    Case(65, "valeur démesurée", plain(text(row(nom="x" * 40_000))), "rejected", "TOO_LARGE", ("colonne « Nom »",)),
    Case(66, "fichier en cours d'envoi", plain(text(), name=f"{MARCH}.part", manifest=False), "rejected",
         "INCOMPLETE", ("attendre",)),
)  # fmt: skip
