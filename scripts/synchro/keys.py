"""The secret keys: K1 (operators), K2 (technical operator), and the key of publications, in one JSON file.

In a real territory K1 and K2 are held by different parties; this file is for the machine that lands files
in clear and therefore needs both. Whoever has it and the vault can test names: mode 0600, never in git.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from synchro.errors import KeysError
from synchro.settings import Settings

KEY_BYTES = 32
_NAMES = ("k1", "k2", "publication")
_KEYS_TODO = (
    "remettre en place le fichier de clés du territoire (chemin : SYNCHRO_KEYS) ; "
    "pour une démonstration, `synchro land` en crée un en recevant des fichiers simulés"
)


@dataclass(frozen=True)
class Keys:
    """Three secrets of at least 32 bytes, and the territory whose tokens they make. Never printed."""

    territory: str
    k1: bytes = field(repr=False)
    k2: bytes = field(repr=False)
    publication: bytes = field(repr=False)


class Mac:
    """HMAC-SHA-256 under one key, the key block hashed once: a third of the time of hmac.digest."""

    def __init__(self, key: bytes) -> None:
        block = (key if len(key) <= 64 else sha256(key).digest()).ljust(64, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def __call__(self, message: bytes) -> bytes:
        return self.many([message])[0]

    def many(self, messages: list[bytes]) -> list[bytes]:
        """The 32-byte codes of n messages."""
        start_inner, start_outer = self._inner.copy, self._outer.copy
        codes = []
        for message in messages:
            inner = start_inner()
            inner.update(message)
            outer = start_outer()
            outer.update(inner.digest())
            codes.append(outer.digest())
        return codes


def sub_key(key: bytes, territory: str, name: str) -> Mac:
    """The key of one field in one territory: HMAC(key, "synchro|v1|<territory>|<name>")."""
    return Mac(Mac(key)(f"synchro|v1|{territory}|{name}".encode()))


def load_keys(path: Path | None = None) -> Keys:
    """Read the key file, SYNCHRO_KEYS by default.

    Raises KeysError (KEYS_MISSING, KEYS_OPEN, KEYS_FORM) with what to do.
    """
    path = Path(path or Settings.from_environment().keys)
    return _parse(read_secret(path, _KEYS_TODO), path)


def generate_keys(path: Path, territory: str | None = None) -> Keys:
    """Write new random keys, mode 0600, for a demonstration. Never overwrites: tokens would all change.

    territory: the project's own (`vars` of dbt_project.yml) by default.
    """
    territory = territory or str(Settings.from_environment().variables["territory"])
    write_secret(path, {"territory": territory, **{name: secrets.token_hex(KEY_BYTES) for name in _NAMES}})
    return load_keys(path)


def read_secret(path: Path, missing_todo: str) -> str:
    """The text of a file that its owner alone may read. Raises KeysError (KEYS_MISSING, KEYS_OPEN, KEYS_FORM)."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeysError("KEYS_MISSING", "fichier de clés absent", str(path), missing_todo) from None
    except (OSError, UnicodeDecodeError):
        todo = "vérifier que c'est le bon fichier et qu'il est lisible par l'utilisateur courant"
        raise KeysError("KEYS_FORM", "fichier de clés illisible", str(path), todo) from None
    if stat.S_IMODE(mode) & 0o077:
        todo = f"lancer `chmod 600 {path}` ; si d'autres ont pu le lire, changer de clés"
        raise KeysError("KEYS_OPEN", "fichier de clés lisible par d'autres utilisateurs", str(path), todo)
    return text


def write_secret(path: Path, content: dict[str, Any], mode: int = 0o600) -> None:
    """Write a new JSON file of keys, mode 0600 unless it is public. Never overwrites: KeysError KEYS_EXIST."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        todo = "le garder, ou le mettre de côté soi-même : ce qui a été fait avec lui ne se lit pas avec un autre"
        raise KeysError("KEYS_EXIST", "un fichier de clés existe déjà", str(path), todo) from None
    except OSError:
        todo = "vérifier les droits du dossier, ou en indiquer un autre (SYNCHRO_KEYS)"
        raise KeysError("KEYS_WRITE", "fichier de clés impossible à écrire", str(path), todo) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


def _parse(text: str, path: Path) -> Keys:
    def malformed(what: str) -> KeysError:
        todo = f'écrire {{"territory": ..., "k1": ..., "k2": ..., "publication": ...}} ; ou {_KEYS_TODO}'
        return KeysError("KEYS_FORM", what, str(path), todo)

    try:
        content: Any = json.loads(text)
    except ValueError:
        raise malformed("fichier de clés illisible (JSON attendu)") from None
    if not isinstance(content, dict) or not isinstance(content.get("territory"), str):
        raise malformed("fichier de clés sans territoire")
    return Keys(content["territory"], *(_secret(content.get(name), name, malformed) for name in _NAMES))


def _secret(value: Any, name: str, malformed: Any) -> bytes:
    try:
        secret = bytes.fromhex(value)
    except (TypeError, ValueError):
        raise malformed(f"clé `{name}` absente, ou pas en hexadécimal") from None
    if len(secret) < KEY_BYTES or len(set(secret)) < 8:
        raise malformed(f"clé `{name}` trop faible : il faut {KEY_BYTES} octets tirés au hasard")
    return secret
