"""Sealing a delivery at the operator's, and opening it at landing.

What is sealed is not the operator's file but what the contract keeps of it: the contracted columns, as text, in one
canonical csv; or, where the operator holds K1, what it makes of them (`encoded.py`), so that no name leaves. Free
text and columns outside the contract never do. The content is encrypted by age to the technical operator's
recipients and exists in clear in memory only; a manifest, signed by the operator, tells what it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyrage
from pyrage import x25519

from synchro.contracts import CsvFormat, ExtractContract, OperatorContract, load_contracts
from synchro.encoded import FirstLayerEncoder, packed, unpacked
from synchro.encoding import KNOWN_PERSON, Encoder, OperatorLayer
from synchro.errors import RejectedFile, SynchroError
from synchro.files import write
from synchro.guard import KnownValues
from synchro.inbox import File, identify, knows, plain_manifest, read_bytes
from synchro.keys import Keys
from synchro.manifests import MANIFEST_SUFFIX, SealedManifest, key_id_of, signed_manifest
from synchro.preparing import Prepared, prepare
from synchro.readers import Delivery, read, read_csv
from synchro.reception import (
    OPERATOR_LAYER,
    Public,
    ReceptionKeys,
    load_operator_key,
    load_operator_layer,
    load_public,
    operator_key_path,
    public_path,
)
from synchro.settings import Settings

Progress = Callable[[str, int, int], None]
CANONICAL = CsvFormat(type="csv", encoding="utf-8", delimiter=";")


@dataclass(frozen=True)
class Sealer:
    """One operator, the key it signs with, to whom it seals; K1 and the words it knows, if it encodes names."""

    contract: OperatorContract
    public: Public
    signing_key: str
    operator_layer: Keys | None = None
    known_values: KnownValues | None = None


@dataclass(frozen=True)
class Sealed:
    """A sealed file: where it is, what its manifest says, and whether it was there already."""

    path: Path
    manifest: SealedManifest
    is_new: bool


@dataclass(frozen=True)
class Outcome:
    """What became of one file: sealed, or refused and why."""

    sealed: Sealed | None = None
    error: RejectedFile | None = None


# ----------------------------------------------------------------------------------------- at the operator's


def load_sealer(
    settings: Settings,
    files: Sequence[Path],
    operator: str | None = None,
    public: Path | None = None,
    key: Path | None = None,
    encode: bool | None = None,
) -> Sealer:
    """The sealer of an operator; of the only one whose contract knows the files' names, if none is given.

    public, key: paths of the technical operator's public file and of the signing key; beside settings.keys by
    default. encode: whether names are encoded here, with the K1 of couche-operateur.json; if it is there by default.
    Raises SynchroError, KeysError.
    """
    contract = _contract_for(load_contracts(settings.project_dir), files, operator)
    layer = settings.keys.with_name(OPERATOR_LAYER)
    encode = layer.exists() if encode is None else encode
    recipients = load_public(public or public_path(settings.keys))
    return Sealer(
        contract,
        recipients,
        load_operator_key(key or operator_key_path(settings.keys, contract.operator), contract.operator),
        load_operator_layer(layer, recipients.territory) if encode else None,
        KnownValues(settings.project_dir) if encode else None,
    )


def _contract_for(
    contracts: dict[str, OperatorContract], files: Sequence[Path], operator: str | None
) -> OperatorContract:
    if operator is None:
        able = [code for code, contract in contracts.items() if all(knows(contract, path) for path in files)]
        operator = able[0] if len(able) == 1 else None
    if operator not in contracts:
        todo = f"ajouter --operator, avec l'un de ces codes : {', '.join(contracts)}"
        raise SynchroError("NO_CONTRACT", "opérateur inconnu, ou que les noms de fichiers ne disent pas", todo=todo)
    return contracts[operator]


def seal_all(
    files: Sequence[Path],
    out: Path,
    sealer: Sealer,
    produced_at: datetime | None = None,
    number: int | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Seal several files (see `seal`): a refused one does not stop the others."""
    outcomes = []
    for done, path in enumerate(files, start=1):
        try:
            outcomes.append(Outcome(sealed=seal(path, out, sealer, produced_at, number)))
        except RejectedFile as error:
            where = ", ".join(part for part in (f"fichier {done} sur {len(files)}", error.where) if part)
            outcomes.append(Outcome(error=RejectedFile(error.code, error.what, where, error.todo)))
        if progress:
            progress("Scellement", done, len(files))
    return outcomes


def seal(
    path: Path, out: Path, sealer: Sealer, produced_at: datetime | None = None, number: int | None = None
) -> Sealed:
    """Check a file against its contract and seal it into `out`, beside its signed manifest.

    The delivery's number follows those that `out` holds for the same extract and month, unless it is given; what was
    sealed last is not sealed again. produced_at: naive UTC, the present moment by default.
    Raises RejectedFile for a file that landing would refuse, SynchroError if nothing can be written.
    """
    file, delivery = _checked(path, sealer.contract)
    clear = _content(file, delivery, sealer)
    last = _last_sealed(out, file)
    digest = sha256(clear).hexdigest()
    if last and last.sha256 == digest and number in (None, last.delivery_number):
        return Sealed(out / last.file_name, last, is_new=False)
    recipients = [x25519.Recipient.from_str(text) for text in sealer.public.recipients]
    sealed = pyrage.encrypt(clear, recipients)
    claims: dict[str, Any] = {
        "schema_version": 2,
        "operator": file.operator,
        "territory": sealer.public.territory,
        "extract": file.extract.name,
        "reference_month": f"{file.month:%Y-%m}",
        "delivery_number": number or (last.delivery_number + 1 if last else 1),
        "supersedes": last.sha256 if last else None,
        "produced_at": f"{produced_at or datetime.now(UTC).replace(tzinfo=None):%Y-%m-%dT%H:%M:%S}",
        "tool_version": version("synchro"),
        "key_id": key_id_of(sealer.public.recipients),
        "known_answer": _known_answer(sealer.operator_layer),
        "is_encoded": sealer.operator_layer is not None,
        "sha256": digest,
        "sha256_sealed": sha256(sealed).hexdigest(),
        "bytes": len(clear),
        "bytes_sealed": len(sealed),
        "rows": delivery.rows,
        "columns": list(delivery.columns),
        "columns_dropped": delivery.columns_unknown,
        "is_1904": delivery.is_1904,
        "synthetic": file.is_synthetic,
    }
    manifest, content = signed_manifest(claims, sealer.signing_key)
    target = out / manifest.file_name
    _write(target, sealed)
    _write(target.with_name(target.name + MANIFEST_SUFFIX), content)
    return Sealed(target, manifest, is_new=True)


def _checked(path: Path, contract: OperatorContract) -> tuple[File, Delivery]:
    """The file as landing would read it: name, manifest in clear if there is one, format, columns."""
    content = read_bytes(path)
    file = File(path, contract.operator, contract.operator, sha256(content).hexdigest())
    files = identify(file, contract)
    if len(files) > 1:
        todo = "l'envoyer par le canal convenu, ou sceller une extraction qui a son contrat"
        raise RejectedFile("WORKBOOK", "un classeur de plusieurs extraits ne se scelle pas", todo=todo)
    file = plain_manifest(files[0])
    delivery = read(content, file.extract)
    delivery.check_rows(file.rows_announced)
    return file, delivery


def _content(file: File, delivery: Delivery, sealer: Sealer) -> bytes:
    """What is sealed of a file, in clear. Raises RejectedFile."""
    if sealer.operator_layer is None:
        return canonical_csv(delivery, file.extract)
    encoder = FirstLayerEncoder(sealer.operator_layer)
    prepared = prepare(delivery, file.extract, file.month, encoder, sealer.known_values)
    return packed(prepared, encoder, file.extract)


def canonical_csv(delivery: Delivery, contract: ExtractContract) -> bytes:
    """The contracted columns as UTF-8, every field between quotes, blank for none, under the contract's headers."""
    headers = {column.name: column.header for column in contract.read_columns}
    columns = []
    for coded in delivery.columns.values():
        texts = [*coded.values, ""]
        columns.append([texts[code] for code in coded.codes.tolist()])
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=CANONICAL.delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([headers[name] for name in delivery.columns])
    writer.writerows(zip(*columns, strict=True))
    return buffer.getvalue().encode("utf-8")


def _known_answer(keys: Keys | None) -> str | None:
    return OperatorLayer(keys.k1, keys.territory).code("known_answer", KNOWN_PERSON).hex() if keys else None


def _last_sealed(out: Path, file: File) -> SealedManifest | None:
    """The latest delivery of the same extract and month that `out` holds."""
    start = f"{file.operator}_{file.extract.name}_{file.month:%Y-%m}_"
    paths = sorted(out.glob(f"{start}[0-9][0-9][0-9].age{MANIFEST_SUFFIX}"))
    if not paths:
        return None
    try:
        return SealedManifest.model_validate_json(paths[-1].read_bytes())
    except (OSError, ValueError):
        todo = "remettre ce manifeste, qui dit le numéro de la dernière livraison, ou sceller dans un autre dossier"
        raise SynchroError("MANIFEST", "manifeste illisible", str(paths[-1]), todo) from None


def _write(path: Path, content: bytes) -> None:
    """All or nothing: the name is only there once the content is whole."""
    try:
        write(path, content)
    except OSError:
        todo = "vérifier les droits et l'espace disque, puis relancer"
        raise SynchroError("WRITE", "livraison impossible à écrire", str(path.parent), todo) from None


# ---------------------------------------------------------------------------------------------- at landing


def unseal(content: bytes, manifest: SealedManifest, keys: ReceptionKeys) -> bytes:
    """Decrypt in memory. Raises RejectedFile KEY (sealed to another) or SHA256 (other content than stated)."""
    try:
        clear = pyrage.decrypt(content, [keys.identity])
    except Exception:  # pyrage has several, and none says more.
        what = f"scellé pour d'autres clés que celles de cette réception (clé {manifest.key_id})"
        todo = "donner à l'opérateur le fichier public/reception.json d'ici, et lui faire refaire la livraison"
        raise RejectedFile("KEY", what, todo=todo) from None
    if len(clear) != manifest.bytes or sha256(clear).hexdigest() != manifest.sha256:
        todo = "refaire la livraison avec `synchro seal`"
        raise RejectedFile("SHA256", "le contenu n'est pas celui que dit le manifeste", todo=todo)
    return clear


def read_unsealed(clear: bytes, manifest: SealedManifest, contract: ExtractContract) -> Delivery:
    """The canonical csv of a delivery. Raises RejectedFile ROWS, MANIFEST, or for what it holds."""
    delivery = read_csv(clear, contract, CANONICAL)
    delivery.check_rows(manifest.rows)
    if set(delivery.columns) != set(manifest.columns) or delivery.columns_unknown:
        todo = "sceller de nouveau avec le contrat d'ici"
        raise RejectedFile("MANIFEST", "les colonnes ne sont pas celles que dit le manifeste", todo=todo)
    return Delivery(delivery.columns, delivery.rows, manifest.columns_dropped, manifest.is_1904)


def read_encoded(clear: bytes, manifest: SealedManifest, contract: ExtractContract, encoder: Encoder) -> Prepared:
    """What to store of a delivery encoded at the operator's. Raises RejectedFile ROWS, MANIFEST, RULES."""
    prepared = unpacked(clear, contract, encoder)
    if prepared.counts.rows_in != manifest.rows:
        what = f"{prepared.counts.rows_in} lignes, {manifest.rows} selon le manifeste"
        raise RejectedFile("ROWS", what, todo="redemander le fichier entier et son manifeste")
    return prepared
