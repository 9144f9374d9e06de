"""The keys of sealed deliveries: what the technical operator opens and signs with, what an operator signs with.

Beside the territory's keys (`keys.py`), one JSON file for each use, so that each is kept by who needs it:

    reception.json           technical operator: opens deliveries (age, X25519), signs receipts (Ed25519)
    recuperation.json        opens deliveries too, if the first is lost: to a safe, off this machine
    couche-operateur.json    K1, for the operators that encode names before anything leaves
    operateur-<nom>.json     one operator: signs its deliveries
    public/...               what the others need: recipients and verification keys, no secret
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pyrage import x25519

from synchro.errors import KeysError
from synchro.keys import KEY_BYTES, Keys, generate_keys, load_keys, read_secret, write_secret
from synchro.settings import Settings
from synchro.signing import check_public_key, new_signing_key, public_key_of

RECEPTION, RECOVERY, OPERATOR_LAYER = "reception.json", "recuperation.json", "couche-operateur.json"
_PUBLIC_FOLDER = "public"


class Public(BaseModel):
    """What an operator is given: to whom deliveries are sealed, and who signs the receipts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    territory: str
    recipients: tuple[str, ...]
    receipt_key: str


@dataclass(frozen=True)
class ReceptionKeys:
    """What the technical operator opens deliveries and signs receipts with. Never printed."""

    territory: str
    identity: x25519.Identity = field(repr=False)
    signing_key: str = field(repr=False)


def public_path(keys: Path) -> Path:
    return keys.parent / _PUBLIC_FOLDER / RECEPTION


def operator_key_path(keys: Path, operator: str) -> Path:
    return keys.with_name(f"operateur-{operator}.json")


# ------------------------------------------------------------------------------------------------- making


def generate_reception(settings: Settings) -> list[Path]:
    """Make the technical operator's keys beside settings.keys; returns the files written.

    The territory's keys are made too unless they exist. Raises KeysError KEYS_EXIST before anything is written.
    """
    folder, public = settings.keys.parent, public_path(settings.keys)
    names = (RECEPTION, RECOVERY, OPERATOR_LAYER)
    _refuse_existing([*(folder / name for name in names), public])
    written = [] if settings.keys.exists() else [settings.keys]
    keys = generate_keys(settings.keys) if written else load_keys(settings.keys)
    identity, recovery, signing_key = x25519.Identity.generate(), x25519.Identity.generate(), new_signing_key()
    territory = {"territory": keys.territory}
    write_secret(folder / RECEPTION, territory | {"age_identity": str(identity), "signing_key": signing_key})
    write_secret(folder / RECOVERY, territory | {"age_identity": str(recovery)})
    write_secret(folder / OPERATOR_LAYER, territory | {"k1": keys.k1.hex()})
    recipients = [str(identity.to_public()), str(recovery.to_public())]
    content = territory | {"recipients": recipients, "receipt_key": public_key_of(signing_key)}
    write_secret(public, content, mode=0o644)
    return [*written, *(folder / name for name in names), public]


def generate_operator(settings: Settings, operator: str) -> tuple[list[Path], str]:
    """Make one operator's signing key; returns the files written, and the public key for its contract."""
    secret = operator_key_path(settings.keys, operator)
    public = secret.parent / _PUBLIC_FOLDER / secret.name
    _refuse_existing([secret, public])
    signing_key = new_signing_key()
    write_secret(secret, {"operator": operator, "signing_key": signing_key})
    write_secret(public, {"operator": operator, "signing_key": public_key_of(signing_key)}, mode=0o644)
    return [secret, public], public_key_of(signing_key)


def _refuse_existing(paths: list[Path]) -> None:
    for path in paths:
        if path.exists():
            todo = "le garder ; pour changer de clés, mettre d'abord l'ancien fichier de côté soi-même"
            raise KeysError("KEYS_EXIST", "un fichier de clés existe déjà", str(path), todo)


# ------------------------------------------------------------------------------------------------ reading


def load_reception(settings: Settings) -> ReceptionKeys:
    """The technical operator's keys. Raises KeysError (KEYS_MISSING, KEYS_OPEN, KEYS_FORM)."""
    path = settings.keys.with_name(RECEPTION)
    content = _content(path, "lancer `synchro keygen`, ou remettre le fichier en place")
    try:
        identity = x25519.Identity.from_str(content["age_identity"])
        public_key_of(content["signing_key"])
        return ReceptionKeys(content["territory"], identity, content["signing_key"])
    except Exception:  # pyrage and cryptography quote what they were given.
        raise _malformed(path) from None


def load_reception_if_any(settings: Settings) -> ReceptionKeys | None:
    return load_reception(settings) if settings.keys.with_name(RECEPTION).exists() else None


def load_operator_key(path: Path, operator: str) -> str:
    """The operator's secret signing key. Raises KeysError."""
    content = _content(path, f"lancer `synchro keygen --operator {operator}`, ou indiquer le fichier (--key)")
    try:
        public_key_of(content["signing_key"])
    except Exception:
        raise _malformed(path) from None
    if content.get("operator") != operator:
        raise KeysError("KEYS_FORM", "clé d'un autre opérateur", str(path), f"prendre celle de {operator}")
    return content["signing_key"]


def load_operator_layer(path: Path, territory: str) -> Keys:
    """K1 of a territory, which also stands for the keys that its holder does not have. Raises KeysError."""
    content = _content(path, "demander ce fichier à l'opérateur technique, ou sceller avec --no-encode")
    try:
        k1 = bytes.fromhex(content["k1"])
    except (KeyError, TypeError, ValueError):
        raise _malformed(path) from None
    if len(k1) < KEY_BYTES or content.get("territory") != territory:
        todo = "demander celui du territoire à l'opérateur technique"
        raise KeysError("KEYS_FORM", "clé K1 d'un autre territoire, ou trop faible", str(path), todo)
    return Keys(territory, k1, k1, k1)


def load_public(path: Path) -> Public:
    """The technical operator's public file. Raises KeysError."""
    todo = "demander à l'opérateur technique son fichier public/reception.json, et l'indiquer"
    try:
        public = Public.model_validate_json(path.read_bytes())
        check_public_key(public.receipt_key)
        for recipient in public.recipients:
            x25519.Recipient.from_str(recipient)
    except FileNotFoundError:
        raise KeysError("KEYS_MISSING", "fichier public absent", str(path), todo) from None
    except (OSError, ValidationError):
        raise KeysError("KEYS_FORM", "fichier public illisible", str(path), todo) from None
    except Exception:
        raise KeysError("KEYS_FORM", "clé publique mal formée", str(path), todo) from None
    return public


def _content(path: Path, missing_todo: str) -> dict[str, Any]:
    try:
        content = json.loads(read_secret(path, missing_todo))
    except ValueError:
        raise _malformed(path) from None
    if not isinstance(content, dict):
        raise _malformed(path)
    return content


def _malformed(path: Path) -> KeysError:
    return KeysError("KEYS_FORM", "fichier de clés mal formé", str(path), "remettre le fichier d'origine")
