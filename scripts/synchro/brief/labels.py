"""What readers call a segment, from the vocabularies of the publication itself."""

from __future__ import annotations

from synchro.brief.publication import Publication

# Dimension: its vocabulary, and what a reader calls it.
_DIMENSIONS = {
    "sex": ("voc_sex", "sexe"),
    "age_band": ("age_bands", "âge"),
    "household_type": ("voc_household_type", "type de ménage"),
    "situation": ("voc_situation", "situation"),
    "commune": ("communes", "commune"),
    "need": ("voc_need", "préconisation"),
}
# « Inconnu » says nothing without the name of its dimension.
_UNTOLD = ("unknown", "unmapped", "not_collected")


def label(publication: Publication, dimension: str, code: str) -> str:
    """The label of a code, or the code where the publication has none."""
    vocabulary, _ = _DIMENSIONS[dimension]
    rows = publication.table(vocabulary, code=code)
    return rows[0]["label_fr"] if rows else code


def segment_label(publication: Publication, columns: list[str], segment: tuple[str, ...]) -> str:
    """The segment in words; columns that already hold words are told as they are."""
    if columns == ["segment_type", "segment"]:
        dimension, code = segment
    elif columns and columns[0] in _DIMENSIONS:
        dimension, code = columns[0], segment[0]
    else:
        return ", ".join(segment)
    name, words = _DIMENSIONS[dimension][1], label(publication, dimension, code)
    return f"{name} « {words.lower()} »" if code in _UNTOLD else words
