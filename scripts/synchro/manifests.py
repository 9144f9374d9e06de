"""What a sender says of a file, beside it in `<file>.manifest.json`: plain, or sealed and signed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from synchro.contracts import OperatorContract, SigningKey
from synchro.errors import RejectedFile
from synchro.signing import canonical, is_signed_by, sign

MANIFEST_SUFFIX = ".manifest.json"
SEALED_SUFFIX = ".age"
MAX_MANIFEST_BYTES = 64 * 2**10
_KIND = "livraison"
_MONTH = r"^[12]\d{3}-(0[1-9]|1[0-2])$"
_SHA256 = r"^[0-9a-f]{64}$"
# Clocks differ a little; a delivery made tomorrow was not.
_CLOCK_TOLERANCE = timedelta(days=1)


class Manifest(BaseModel):
    """What the sender says of a file in clear; of a workbook of several extracts, the rows of each, and its
    contract's name as the extract.
    """

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1]
    operator: str
    extract: str
    reference_month: str
    received_at: datetime | None = None
    sha256: str
    rows: int | dict[str, int]
    synthetic: bool = False

    @field_validator("received_at")
    @classmethod
    def naive_utc(cls, moment: datetime | None) -> datetime | None:
        return as_naive_utc(moment) if moment else None


class SealedManifest(BaseModel):
    """What the sender says of a sealed file, under its signature.

    sha256 and bytes are of the content in clear, sha256_sealed and bytes_sealed of the file that travels. key_id
    names the recipients it was sealed to; known_answer is the code of a fictitious person under the operator's
    layer, if the sender holds its key; is_encoded says that names were encoded with it before they left.
    """

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[2]
    operator: str
    territory: str
    extract: str
    reference_month: str = Field(pattern=_MONTH)
    delivery_number: int = Field(ge=1, le=999)
    supersedes: str | None = Field(pattern=_SHA256)
    produced_at: datetime
    tool_version: str
    key_id: str
    known_answer: str | None = Field(pattern=_SHA256)
    is_encoded: bool
    sha256: str = Field(pattern=_SHA256)
    sha256_sealed: str = Field(pattern=_SHA256)
    bytes: int
    bytes_sealed: int
    rows: int = Field(ge=0)
    columns: tuple[str, ...]
    columns_dropped: int = Field(ge=0)
    is_1904: bool
    synthetic: bool
    signature: str

    @field_validator("produced_at")
    @classmethod
    def naive_utc(cls, moment: datetime) -> datetime:
        return as_naive_utc(moment)

    @property
    def received_at(self) -> datetime:
        """A sealed delivery is dated by its sender: landing it again elsewhere gives the same history."""
        return self.produced_at

    @property
    def month(self) -> date:
        return date.fromisoformat(f"{self.reference_month}-01")

    @property
    def file_name(self) -> str:
        return f"{self.operator}_{self.extract}_{self.reference_month}_{self.delivery_number:03}{SEALED_SUFFIX}"


def as_naive_utc(moment: datetime) -> datetime:
    """Naive UTC, to the second; a naive moment is taken to be UTC already."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0)


def key_id_of(recipients: tuple[str, ...]) -> str:
    """A short name for a set of recipients (16 hex digits)."""
    return sha256("|".join(sorted(recipients)).encode()).hexdigest()[:16]


def signed_manifest(claims: dict[str, Any], signing_key: str) -> tuple[SealedManifest, bytes]:
    """The manifest of these claims (JSON values), and its bytes."""
    document = sign(claims, _KIND, signing_key)
    return SealedManifest.model_validate(document), canonical(document) + b"\n"


def read_signed(content: bytes, contract: OperatorContract) -> SealedManifest:
    """The manifest in these bytes, if one of the operator's registered keys signed it.

    Raises RejectedFile: MANIFEST (form), SIGNATURE (nobody's, altered, another operator's), EXPIRED (an old key).
    """
    try:
        document = json.loads(content)
        if canonical(document) + b"\n" != content:
            raise ValueError
        manifest = SealedManifest.model_validate(document)
    except (ValueError, TypeError, RecursionError, ValidationError):
        todo = "refaire la livraison avec `synchro seal`"
        raise RejectedFile("MANIFEST", "manifeste illisible", todo=todo) from None
    _check_signature(document, manifest, contract)
    if manifest.produced_at > as_naive_utc(datetime.now(UTC)) + _CLOCK_TOLERANCE:
        todo = "mettre à l'heure le poste qui scelle, puis refaire la livraison"
        raise RejectedFile("CLOCK", "livraison datée de l'avenir", todo=todo)
    return manifest


def _check_signature(document: dict[str, Any], manifest: SealedManifest, contract: OperatorContract) -> None:
    if not contract.signing_keys:
        todo = f"inscrire sa clé publique dans le contrat de {contract.operator} (signing_keys)"
        raise RejectedFile("SIGNATURE", "aucune clé de signature connue pour cet opérateur", todo=todo)
    signer = next((key for key in contract.signing_keys if is_signed_by(document, _KIND, key.key)), None)
    if signer is None:
        todo = "vérifier qui envoie ; refaire la livraison avec la clé inscrite au contrat"
        raise RejectedFile(
            "SIGNATURE", "signature absente ou fausse : manifeste modifié, ou autre expéditeur", todo=todo
        )
    if not _is_valid(signer, manifest.produced_at.date()):
        todo = "sceller avec la nouvelle clé de l'opérateur"
        raise RejectedFile("EXPIRED", "signature faite avec une clé périmée", todo=todo)


def _is_valid(key: SigningKey, day: date) -> bool:
    return key.valid_until is None or day <= key.valid_until


def check_claims(manifest: SealedManifest, content: bytes, file_name: str, territory: str) -> None:
    """Whether a signed manifest is that of these sealed bytes, for this territory. Raises RejectedFile."""
    todo = "renvoyer les deux fichiers que `synchro seal` a écrits, sans les modifier"
    if manifest.territory != territory:
        what = "livraison scellée pour un autre territoire"
        raise RejectedFile("TERRITORY", what, todo="vérifier le destinataire, ou `territory` dans dbt_project.yml")
    if manifest.bytes_sealed != len(content) or manifest.sha256_sealed != sha256(content).hexdigest():
        what = "fichier scellé modifié, tronqué ou incomplet"
        raise RejectedFile("SHA256", what, todo=todo)
    if manifest.file_name != file_name:
        raise RejectedFile("FILE_NAME", "nom de fichier inattendu", todo=f"le nommer {manifest.file_name}")
