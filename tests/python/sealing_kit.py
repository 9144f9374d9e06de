"""Sealed deliveries for the tests of landing: keys, a sealer of the kit's operator, files sealed into its inbox."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from landing_kit import deliver, visits_table, write_contract
from synchro.manifests import MANIFEST_SUFFIX
from synchro.reception import generate_operator, generate_reception, load_operator_key, operator_key_path
from synchro.sealing import Sealed, Sealer, load_sealer, seal
from synchro.settings import Settings
from synchro.signing import canonical, sign

MARCH = "visits_2024-03.csv"
DAY = datetime(2024, 4, 9, 8, 30)


def make_keys(settings: Settings, encode: bool = False, **signing_key: Any) -> Sealer:
    """Keys of both sides, and the contract of `alpha` asking for its signature; its sealer."""
    generate_reception(settings)
    _, public = generate_operator(settings, "alpha")
    write_contract(settings.project_dir, "alpha", [visits_table()], signing_keys=[{"key": public} | signing_key])
    return load_sealer(settings, [], "alpha", encode=encode)


def seal_content(
    folder: Path,
    sealer: Sealer,
    content: str | bytes,
    name: str = MARCH,
    produced_at: datetime = DAY,
    **changes: Any,
) -> Sealed:
    """Seal a file of the kit into <folder>/inbox/alpha; changes go into its manifest in clear."""
    path = deliver(folder / "clear", name, content, received_at=None, **changes)
    return seal(path, folder / "inbox" / "alpha", sealer, produced_at)


def rewrite_manifest(
    sealed: Sealed, settings: Settings, operator: str = "alpha", secret: str | None = None, **changes: Any
) -> None:
    """Change what a manifest says and sign it again, as an operator that lies or errs would."""
    path = sealed.path.with_name(sealed.path.name + MANIFEST_SUFFIX)
    document = json.loads(path.read_bytes()) | changes
    secret = secret or load_operator_key(operator_key_path(settings.keys, operator), operator)
    path.write_bytes(canonical(sign(document, "livraison", secret)) + b"\n")
