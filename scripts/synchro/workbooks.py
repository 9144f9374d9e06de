"""Before a workbook is read: it is a plain xlsx of bearable size, with nothing hidden in it that would mislead.

An xlsx file is a zip archive of XML parts. Every part is unfolded once, within bounds, its checksum compared
(calamine does not), and refused if it declares entities; the few small parts parsed here go through defusedxml.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from defusedxml import ElementTree

from synchro.errors import RejectedFile

MAX_UNZIPPED_BYTES = 2**30
MAX_ZIP_RATIO = 100
MAX_ZIP_ENTRIES = 500

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_SAVE_AS = "réenregistrer en « Classeur Excel (*.xlsx) », sans mot de passe, macro ni lien"
# What a part's name betrays.
_UNWANTED = {
    "vbaProject.bin": "classeur avec macros",
    "xl/macrosheets/": "classeur avec macros",
    "xl/externalLinks/": "classeur lié à d'autres fichiers",
    "xl/embeddings/": "classeur avec des fichiers incorporés",
    "xl/activeX/": "classeur avec des contrôles",
}
# A cell with a formula and no value: nobody computed it, and nobody here will. An empty text (t="str") is a value.
_NOT_COMPUTED = re.compile(
    rb"<(?:\w+:)?c\b(?P<attributes>(?:(?!t=\"str\")[^>])*)>"
    rb"\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_HIDDEN = re.compile(rb"<(?:\w+:)?(?:row|col)\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3}\d{1,7})[\"']")


@dataclass(frozen=True)
class About:
    """What a workbook says of itself: whether its dates count from 1904, and what is hidden in it."""

    is_1904: bool
    notes: dict[str, int] = field(default_factory=dict)


def check_workbook(content: bytes) -> None:
    """Refuse what is no plain xlsx. Raises RejectedFile: FORMAT, TOO_LARGE, UNREADABLE."""
    if content.startswith(OLE):
        raise RejectedFile("FORMAT", "classeur protégé par mot de passe, ou ancien format xls", todo=_SAVE_AS)
    if not content.startswith(ZIP):
        raise RejectedFile("FORMAT", "ce n'est pas un classeur xlsx", todo=_SAVE_AS)
    with _opened(content) as archive:
        _check_entries(archive, len(content))
        for name in archive.namelist():
            _refuse_entities(archive.read(name))


def describe_sheet(content: bytes, sheet: str) -> About:
    """Look at one sheet of a workbook that was checked. Raises RejectedFile: SHEET, FORMULA, UNREADABLE."""
    with _opened(content) as archive:
        return _about(archive, sheet)


@contextmanager
def _opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except RejectedFile:
        raise
    except Exception:  # zipfile and XML parsers let the errors of zlib, struct and codecs through.
        raise RejectedFile("UNREADABLE", "classeur xlsx abîmé", todo="redemander le fichier") from None


def _check_entries(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    unzipped = sum(entry.file_size for entry in entries)
    too_many = len(entries) > MAX_ZIP_ENTRIES or len(set(names)) < len(names)
    if too_many or unzipped > MAX_UNZIPPED_BYTES or unzipped > MAX_ZIP_RATIO * max(size, 4096):
        raise RejectedFile("TOO_LARGE", "classeur démesuré une fois décompressé", todo=_SAVE_AS)
    if _WORKBOOK not in names or any(entry.flag_bits & 1 for entry in entries) or any(map(_leaves_folder, names)):
        raise RejectedFile("FORMAT", "ce n'est pas un classeur xlsx lisible", todo=_SAVE_AS)
    for mark, what in _UNWANTED.items():
        if any(name.startswith(mark) or name.endswith(mark) for name in names):
            raise RejectedFile("FORMAT", what, todo=_SAVE_AS)


def _leaves_folder(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or "\\" in name or ":" in name


def _refuse_entities(part: bytes) -> None:
    """No part of a true workbook declares entities, nor is in UTF-16, where the declaration would not be seen."""
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part or part[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"):
        raise RejectedFile("FORMAT", "classeur avec des déclarations XML interdites", todo=_SAVE_AS)


def _about(archive: zipfile.ZipFile, wanted: str) -> About:
    workbook = ElementTree.fromstring(archive.read(_WORKBOOK), forbid_dtd=True)
    sheets = {sheet.get("name"): sheet for sheet in workbook.iterfind(".//{*}sheet")}
    if wanted not in sheets:
        todo = "vérifier le nom de l'onglet, ou corriger `sheet` dans le contrat"
        raise RejectedFile("SHEET", f"onglet « {wanted} » absent", todo=todo)
    part = archive.read(_part_of(sheets[wanted], archive))
    not_computed = _NOT_COMPUTED.search(part)
    if not_computed:
        reference = _REFERENCE.search(not_computed["attributes"])
        where = f"cellule {reference[1].decode()}" if reference else None
        todo = "ouvrir le classeur dans Excel, l'enregistrer, le renvoyer"
        raise RejectedFile("FORMULA", "formule sans résultat enregistré", where, todo)
    hidden = sum(sheet.get("state", "visible") != "visible" for name, sheet in sheets.items() if name != wanted)
    notes = {"HIDDEN_SHEETS": hidden, "HIDDEN_ROWS": len(_HIDDEN.findall(part))}
    properties = workbook.find(".//{*}workbookPr")
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return About(is_1904, {code: count for code, count in notes.items() if count})


def _part_of(sheet: Any, archive: zipfile.ZipFile) -> str:
    """The archive's entry that holds a sheet."""
    wanted = next(value for name, value in sheet.items() if name.endswith("}id"))
    relations = ElementTree.fromstring(archive.read(_RELATIONS), forbid_dtd=True)
    target = next(relation.get("Target") for relation in relations if relation.get("Id") == wanted)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
