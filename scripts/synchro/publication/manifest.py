"""The file that says what a publication is: its form, its digests of every table and file, its own digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from synchro.publication.layout import DATABASE, DICTIONARY, MANIFEST
from synchro.publication.plain import digest, type_name
from synchro.signing import SIGNATURE, canonical, sign

MANIFEST_VERSION = 1
SEAL = "sha256"
KIND = "publication"
# What two publications share when nothing that a reader sees has changed.
_CONTENT = ("audience", "territory", "is_synthetic", "as_of", "inputs", "parameters", "tables")

Manifest = dict[str, Any]


def tables_of(tables: Mapping[str, pa.Table]) -> list[Manifest]:
    """What a manifest says of each table: rows, columns with their types, logical digest."""
    return [
        {
            "name": name,
            "rows": table.num_rows,
            "columns": {field.name: type_name(field.type).lower() for field in table.schema},
            "sha256": digest(table),
        }
        for name, table in sorted(tables.items())
    ]


def files_of(folder: Path) -> list[Manifest]:
    """What a manifest says of each file of a publication, itself excepted. Raises OSError."""
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [
        {"path": path.as_posix(), "bytes": (folder / path).stat().st_size, "sha256": file_sha256(folder / path)}
        for path in paths
        if path != MANIFEST
    ]


def sealed(manifest: Manifest, signing_key: str | None) -> Manifest:
    """The manifest with its own digest, signed if there is a key."""
    manifest = manifest | {SEAL: _seal(manifest)}
    return sign(manifest, KIND, signing_key) if signing_key else manifest


def written(manifest: Manifest) -> bytes:
    """A manifest has one way to be written."""
    return (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode()


def read_manifest(path: Path) -> Manifest | None:
    """A manifest as it was written; None if it is missing or a byte of it differs."""
    try:
        content = path.read_bytes()
        manifest = json.loads(content)
        is_whole = written(manifest) == content and _seal(manifest) == manifest[SEAL]
        return manifest if is_whole and manifest["manifest_version"] == MANIFEST_VERSION else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def is_same_content(one: Manifest, other: Manifest) -> bool:
    """Whether two publications say the same to their readers: same tables, texts, inputs and parameters.

    The bytes of a DuckDB file depend on how it was written: its tables count. The dictionary for programs also tells
    in which vintage a figure was worked out: what else it says is in the other dictionary and in the parameters.
    """
    return _content(one) == _content(other)


def file_sha256(path: Path) -> str:
    """sha256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _content(manifest: Manifest) -> list[Any]:
    apart = (DATABASE.as_posix(), DICTIONARY.as_posix())
    files = [file for file in manifest["files"] if file["path"] not in apart]
    return [manifest.get(name) for name in _CONTENT] + [files]


def _seal(manifest: Manifest) -> str:
    return hashlib.sha256(
        canonical({name: value for name, value in manifest.items() if name not in (SEAL, SIGNATURE)})
    ).hexdigest()
