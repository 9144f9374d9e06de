"""README.txt of a publication: for whom it is, what it holds, what is hidden and why."""

from __future__ import annotations

from typing import Any

from synchro.dictionary import EVERYTHING, SYNTHETIC, Dictionary
from synchro.publication.layout import PUBLIC

_INTERNAL = """\
Pour qui : les personnes habilitées des organismes sous convention, et elles seules.
Les effectifs sont exacts et la liste est individuelle (pseudonymisée) : ce sont des données
personnelles. Ne rien rediffuser, ne rien rapprocher d'un autre fichier.
Les identifiants (person_id, record_id…) n'ont de sens que dans cette publication.
"""
_PUBLIC = """\
Pour qui : tout le monde. Aucune ligne n'est celle d'une personne.

Ce qui est masqué, et pourquoi
  Un effectif de moins de {threshold} personnes n'est jamais montré, ni ce qui permettrait
  de le retrouver : une personne pourrait y être reconnue. Un zéro n'est montré que là où il va de soi.
  Un effectif est montré à partir de {display_from}, arrondi au multiple de {rounding_base} le plus proche :
  {first_shown} au moins.
  Une part se calcule sur les effectifs arrondis, en pour cent entiers ; une durée médiane est arrondie.
  Les totaux arrondis ne s'additionnent pas : chacun est arrondi pour lui-même.
  Une case masquée est vide ; à côté d'elle, la colonne « …_status » dit pourquoi (voc_cell_status).
  Le même signe couvre un petit effectif et une case masquée pour en protéger une autre.
  Un mois publié reste comme il l'a été ; ce qui est révisé ensuite est dans ind_revisions.

Licence de réutilisation : celle que fixe la métropole ; sans mention de sa part, la lui demander.
"""
_CONTENT = """\
Contenu
{workbook}  csv/*.csv                   les tables, pour un tableur
  data/synchro/*.parquet      les tables, pour un programme
  synchro.duckdb              les tables, en une base DuckDB à ouvrir en lecture seule
  sources/synchro/            la source à donner à un projet Evidence
  dictionnaire.csv            chaque table et colonne (tableur)
  dictionary.json             la même chose, pour un programme
  manifest.json               ce dont tout est fait, et l'empreinte de chaque fichier (synchro verify)
"""
_WORKBOOK = "  liste-compilee-AAAA-MM.xlsx la liste du dernier mois et ce qui peut être tenté (tableur)\n"


def readme(dictionary: Dictionary) -> str:
    """The text, in French. No clock: a publication is dated by the last delivery that it rests on."""
    known = dictionary.deliveries
    is_public = dictionary.audience == PUBLIC
    since = "tout ce qui a été reçu" if dictionary.as_of == EVERYTHING else f"au {dictionary.as_of}"
    lines = [
        f"SYNCHRØ – publication « {dictionary.audience} » – {dictionary.territory}",
        "",
        *([f"{SYNTHETIC}, aucun chiffre à citer.", ""] if known.is_synthetic else []),
        *(_public_text(dictionary.disclosure["parameters"]) if is_public else _INTERNAL).splitlines(),
        "",
        f"Mois couverts : {known.first_reference_month[:7]} à {known.last_reference_month[:7]}",
        f"Livraisons acceptées : {known.count}",
        f"Date de ces chiffres : {known.last_received_at} UTC, quand la dernière a été reçue",
        f"Ce qui était connu : {since}",
        "",
        *_CONTENT.format(workbook="" if is_public else _WORKBOOK).splitlines(),
        "",
        "Tables",
        *(f"  {table.name} : {table.row_count} ligne(s)" for table in dictionary.tables if table.reason is None),
        *(f"  {table.name} : non remise ({table.reason})" for table in dictionary.tables if table.reason),
    ]
    return "\n".join(lines) + "\n"


def _public_text(parameters: dict[str, Any]) -> str:
    base, lowest = int(parameters["rounding_base"]), int(parameters["display_from"])
    return _PUBLIC.format(**parameters, first_shown=base * round(lowest / base))
