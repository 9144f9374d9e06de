"""What a territory declares of its processing (docs/registre.yml): the record that art. 30 of the RGPD asks for."""

from __future__ import annotations

from pathlib import Path

import yaml

from synchro.contracts import Place, Strict, Text, validated
from synchro.errors import ContractError

REGISTER = Path("docs/registre.yml")
# Addresses that reach nobody (RFC 2606): good for a demonstration only.
FICTITIOUS = "exemple.invalid"


class Party(Strict):
    name: Text
    role: Text
    contact: Text


class Recipient(Strict):
    who: Text
    what: Text


class Retention(Strict):
    layer: Text
    duration: Text
    end: Text


class Rights(Strict):
    how: Text
    contact: Text


class Register(Strict):
    """Every rubric in French, none of them empty."""

    title: Text
    territory: Text
    controller: Party
    joint_controllers: Text
    processor: Party
    data_protection_officer: Party
    purposes: tuple[Text, ...]
    excluded_purposes: Text
    legal_basis: Text
    special_categories: Text
    persons: Text
    recipients: tuple[Recipient, ...]
    transfers: Text
    retention: tuple[Retention, ...]
    security: tuple[Text, ...]
    rights: Rights
    publication: Text
    residual_risk: Text
    breach: Text
    references: Text


def load_register(project_dir: Path, is_real: bool) -> Register:
    """Read docs/registre.yml. is_real: an AIPD is declared, so fictitious addresses are refused.

    Raises ContractError naming the rubric that is missing, empty or fictitious.
    """
    place = Place(str(REGISTER))
    try:
        content = yaml.safe_load((project_dir / REGISTER).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise ContractError("registre illisible", str(place), "remettre ce fichier, ou corriger son YAML") from None
    register = validated(Register, content if isinstance(content, dict) else {}, place)
    for key in ("purposes", "recipients", "retention", "security"):
        if not getattr(register, key):
            raise ContractError("rubrique vide", f"{place}, clé `{key}`", "en écrire au moins une ligne")
    if is_real and FICTITIOUS in register.model_dump_json():
        todo = "inscrire les vraies coordonnées : une AIPD est déclarée"
        raise ContractError("coordonnées fictives", f"{place}, « {FICTITIOUS} »", todo)
    return register
