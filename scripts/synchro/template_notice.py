"""The notice of a template: how to fill it, how and when to send it, who sees what."""

from __future__ import annotations

from collections.abc import Sequence

from synchro.contracts import ExtractContract, OperatorContract, XlsxFormat

FIELDS, EXAMPLE = "Champs", "Exemple"
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252 (« ANSI »)", "latin-1": "Latin-1"}
SCOPES = {
    "events": "les faits du mois",
    "snapshot": "tout ce qui vaut pour ce mois, même inchangé",
    "history": "tout depuis le début, à jour à la fin du mois",
}


def file_name(extract: ExtractContract, month: str = "AAAA-MM", version: str = "") -> str:
    """The file's name as the contract wants it; by default with letters for the month."""
    year, number = month.split("-")
    return extract.file.replace("{yyyy}", year).replace("{mm}", number).replace("{version}", version)


def sheet_name(extract: ExtractContract) -> str:
    """The sheet that landing reads; for a csv, whose name does not matter, the extract's label."""
    if isinstance(extract.format, XlsxFormat):
        return extract.format.sheet
    label = extract.label or extract.name
    return "".join(sign for sign in label if sign not in "[]:*?/\\'")[:31].strip()


def notice(contract: OperatorContract, group: Sequence[ExtractContract]) -> str:
    """The text of a template's first sheet, one cell a line, as `write_notice` reads it."""
    first = group[0]
    names = ", ".join(f"« {sheet_name(extract)} »" for extract in group)
    lines = [
        f"# Modèle de transmission : {contract.label}",
        "Une fois par mois, chaque opérateur transmet ce qu'il sait des personnes sans domicile. Les listes sont",
        "rapprochées sans que personne ne lise un nom, et donnent une liste commune pour agir ensemble.",
        "",
        f"## Remplir ({names})",
        "1. Une ligne par fait ou par personne, sous les en-têtes. En-tête foncé : obligatoire. Clair : facultatif.",
        "2. Ne pas changer les en-têtes ni le nom des onglets. Une colonne ajoutée n'est jamais lue.",
        "3. Liste déroulante : choisir un mot. Si aucun ne convient, laisser vide et nous le dire.",
        "4. Dates : JJ/MM/AAAA. D'une date de naissance dont on ne sait que l'année : 01/01/AAAA.",
        "5. L'identifiant est celui de votre logiciel ou de votre liste. Il ne change pas d'un mois à l'autre.",
        "6. Ni nom, ni téléphone, ni adresse ailleurs que dans leurs colonnes : une valeur suspecte est masquée.",
        *_shared_lines(group),
        f"L'onglet « {FIELDS} » dit à quoi sert chaque colonne. L'onglet « {EXAMPLE} » montre une ligne remplie : il",
        "n'est jamais lu, il n'y a rien à effacer.",
        "",
        "## Envoyer",
        f"Nom du fichier : {file_name(first)}, où AAAA-MM est le mois décrit "
        f"(mars 2024 : {file_name(first, '2024-03')}).",
        *_format_lines(first),
        "Par le canal sécurisé convenu dans la convention, jamais par courriel.",
        *_version_lines(first),
        "Vous recevez un accusé : lignes lues, retenues, écartées et pourquoi, sans aucune donnée de personne.",
        "",
        "## Calendrier",
        *_calendar(group),
        "Un fichier en retard est pris ; d'ici là, le mois apparaît « non livré », jamais à zéro.",
        "",
        "## Qui voit quoi",
        "Les noms et dates de naissance sont encodés avec une clé pendant la lecture : ni la base, ni les journaux,",
        "ni les publications ne les contiennent. Restent l'année de naissance et ce que disent les autres colonnes.",
        "L'opérateur technique tient la base. Les personnes habilitées voient une liste sans nom.",
        "Aucun autre opérateur ne voit vos fiches.",
        "Les droits des personnes (accès, rectification, effacement) s'exercent auprès de vous, qui nous avertissez.",
    ]
    return "\n".join(lines) + "\n"


def _shared_lines(group: Sequence[ExtractContract]) -> list[str]:
    if len(group) == 1:
        return []
    return [
        "7. La même personne a le même identifiant dans tous les onglets ; son nom n'est écrit qu'une fois.",
        "8. Un onglet qui ne vous concerne pas reste vide.",
    ]


def _format_lines(extract: ExtractContract) -> list[str]:
    if isinstance(extract.format, XlsxFormat):
        return ["Format : classeur Excel (.xlsx), sans mot de passe ni macro."]
    delimiter = {"\t": "tabulation"}.get(extract.format.delimiter, extract.format.delimiter)
    encoding = _ENCODINGS[extract.format.encoding]
    return [
        f"Format : csv, séparateur « {delimiter} », encodage {encoding}, en-têtes en ligne 1.",
        "Ce classeur décrit le fichier. Rempli à la main, l'enregistrer en csv depuis l'onglet de saisie.",
    ]


def _version_lines(extract: ExtractContract) -> list[str]:
    if "{version}" not in extract.file:
        return []
    name = file_name(extract, "2024-03", "_v2")
    return [f"Une correction est le fichier entier, renvoyé sous un nom de version ({name}) : elle le remplace."]


def _calendar(group: Sequence[ExtractContract]) -> list[str]:
    """When each sheet is due, and what is put in it, sheets that are alike together."""
    lines = {}
    for extract in group:
        lines.setdefault((extract.due_day, extract.scope), []).append(f"« {sheet_name(extract)} »")
    return [
        f"{', '.join(names)} : au plus tard le {due_day} du mois suivant ; on y met {SCOPES[scope]}."
        for (due_day, scope), names in lines.items()
    ]
