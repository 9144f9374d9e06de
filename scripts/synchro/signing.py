"""Ed25519 signatures of small JSON documents: manifests of sealed deliveries, receipts.

A document is signed in its canonical form (keys sorted, no spaces, UTF-8), after the words that say what kind of
document it is: a signed receipt never passes for a manifest.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE = "signature"
_PUBLIC, _SECRET = "ed25519:", "ed25519-secret:"

Document = dict[str, Any]


def new_signing_key() -> str:
    """A random secret key, as text."""
    return _SECRET + _text(Ed25519PrivateKey.generate().private_bytes_raw())


def public_key_of(secret: str) -> str:
    """The text by which others verify what `secret` signs. Raises ValueError if it is no secret key."""
    return _PUBLIC + _text(_private(secret).public_key().public_bytes_raw())


def check_public_key(text: str) -> str:
    """The same text. Raises ValueError unless it is "ed25519:" and 32 bytes in base64."""
    _public(text)
    return text


def canonical(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(document: Document, kind: str, secret: str) -> Document:
    """The document with its signature, which covers everything else in it."""
    return document | {SIGNATURE: _text(_private(secret).sign(_message(document, kind)))}


def is_signed_by(document: Document, kind: str, public: str) -> bool:
    """Whether the signature in a document is that of a public key, and nothing was changed since."""
    try:
        _public(public).verify(_bytes(document[SIGNATURE]), _message(document, kind))
    except (KeyError, TypeError, ValueError, InvalidSignature):
        return False
    return True


def _message(document: Document, kind: str) -> bytes:
    unsigned = {name: value for name, value in document.items() if name != SIGNATURE}
    return f"synchro|{kind}|v1|".encode() + canonical(unsigned)


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_bytes(_without(text, _SECRET)))


def _public(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_bytes(_without(text, _PUBLIC)))


def _without(text: str, prefix: str) -> str:
    if not text.startswith(prefix):
        raise ValueError("not a key of this kind")
    return text.removeprefix(prefix)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
