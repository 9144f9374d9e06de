"""Landing: every new file of an inbox verified, tokenised and stored; one receipt per file.

Order of work: examine all files (name, manifest, hash) against what is registered; parse and encode the new
ones entirely in memory, a group at a time; write the group to the vault; write each delivery to the warehouse
in one transaction that ends with the row of raw.deliveries. A file that fails before leaves both databases
as they were. Killed between the two writes, the vault has rows of a delivery that the warehouse does not
know: linkage ignores them, and landing the file again replaces them. Files that are all known open the
databases read-only.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from synchro.contracts import OperatorContract, contract_of, load_contracts, normal_form
from synchro.encoding import ENCODING_VERSION, KNOWN_PERSON, Encoder
from synchro.errors import KeyMismatch, KeysError, RejectedFile, SynchroError
from synchro.guard import KnownValues
from synchro.inbox import File, examine, list_inbox, read_bytes
from synchro.keys import Keys, generate_keys, load_keys
from synchro.layout import DELIVERIES, VAULT_INFO, expected_tables, missing_statements, present_tables
from synchro.manifests import SealedManifest, as_naive_utc
from synchro.normalise import NORMALISER_VERSION
from synchro.preparing import Prepared, names_in, prepare
from synchro.readers import Delivery, read
from synchro.receipts import Receipt, write_receipt
from synchro.reception import ReceptionKeys, load_reception, load_reception_if_any
from synchro.sealing import read_encoded, read_unsealed, unseal
from synchro.settings import Settings
from synchro.storage import insert_row, store_in_vault, store_in_warehouse, writing
from synchro.tombstones import read_tombstones
from synchro.warehouse import connect_read_only, connect_to_write, transaction

Progress = Callable[[str, int, int], None]
# What becomes of a file: rows to store, a refusal, or nothing because it is a duplicate.
Outcome = Prepared | RejectedFile | None
# Small files share one transaction of the vault; what waits in memory is bounded by this.
GROUP_ROWS = 100_000
_COUNTS_OF_ROWS = ("rows_in", "rows_landed", "rows_deduplicated", "rows_quarantined")
_COUNTS_OF_VALUES = ("values_masked", "values_unreadable", "columns_unknown")


def land(
    inbox: Path, settings: Settings, received_at: datetime | None = None, progress: Progress | None = None
) -> list[Receipt]:
    """Land every new file under inbox/<operator>/; returns one receipt per file, in order of path (for a workbook
    of several extracts, one per filled sheet).

    received_at: naive UTC, for files whose manifest does not say; the present moment by default.
    progress: called with ("Réception", files read, files in all).
    Raises SynchroError for what stops everything: contracts, keys, a database in use. A bad file does not:
    it has a receipt with status "rejected".
    """
    if not Path(inbox).is_dir():
        raise SynchroError("INBOX", "dossier introuvable", str(inbox), "indiquer le dossier des fichiers reçus")
    moment = as_naive_utc(received_at or datetime.now(UTC))
    contracts = load_contracts(settings.project_dir)
    registry = _look(settings, contracts)
    territory = str(settings.variables.get("territory") or "")
    examined = [found for path, folder in list_inbox(inbox) for found in examine(path, folder, contracts, territory)]
    examined = [(file, error or _not_allowed(file, contracts, settings)) for file, error in examined]
    examined = _refuse_mixing(examined, registry)
    receipts = []
    signer = load_reception_if_any(settings)
    with closing(_Run(settings, contracts, registry, moment)) as run:
        run.check_keys([file for file, error in examined if error is None])
        if registry.deliveries and not registry.is_up_to_date:
            run.connection()
        for receipt in run.land_files(examined, progress):
            write_receipt(receipt, settings.receipts, signer.signing_key if signer else None)
            receipts.append(receipt)
    return receipts


# ------------------------------------------------------------------------------------ what is registered


@dataclass
class Registry:
    """What the two files hold before the run."""

    deliveries: dict[str, dict[str, Any]]
    vault_info: tuple[Any, ...] | None
    is_up_to_date: bool


def _look(settings: Settings, contracts: dict[str, OperatorContract]) -> Registry:
    if not (settings.warehouse.exists() and settings.vault.exists()):
        if settings.warehouse.exists() or settings.vault.exists():
            _refuse_half(settings)
        return Registry({}, None, is_up_to_date=False)
    with connect_read_only(settings) as connection:
        return _registry(connection, contracts)


def _refuse_half(settings: Settings) -> None:
    """One file without the other: a half was deleted, or restored alone."""
    there, missing = settings.warehouse, settings.vault
    if not there.exists():
        there, missing = missing, there
    todo = f"remettre {missing}, ou mettre aussi {there} de côté pour repartir des fichiers reçus"
    raise SynchroError("DATABASES", "l'entrepôt et le coffre vont ensemble : il en manque un", str(missing), todo)


def _registry(connection: duckdb.DuckDBPyConnection, contracts: dict[str, OperatorContract]) -> Registry:
    present = present_tables(connection)
    is_up_to_date = not missing_statements(present, expected_tables(contracts))
    deliveries: list[dict[str, Any]] = []
    if DELIVERIES in present:
        deliveries = connection.execute("from synchro.raw.deliveries").to_arrow_table().to_pylist()
    vault_info = None
    if VAULT_INFO in present:
        vault_info = connection.execute("from vault.identity.vault_info").fetchone()
    return Registry({row["delivery_id"]: row for row in deliveries}, vault_info, is_up_to_date)


def _received_at(file: File, moment: datetime) -> datetime:
    return (file.manifest.received_at if file.manifest else None) or moment


# -------------------------------------------------------------------------------------------- permission


def _not_allowed(file: File, contracts: dict[str, OperatorContract], settings: Settings) -> RejectedFile | None:
    """Real data needs the AIPD of the territory and the agreement of the operator."""
    if file.extract is None or file.is_synthetic:
        return None
    if not settings.variables.get("aipd_reference"):
        todo = "inscrire `aipd_reference` dans dbt_project.yml une fois l'AIPD faite"
        return RejectedFile("NO_AIPD", "données réelles refusées : pas d'AIPD", todo=todo)
    if not contract_of(file.operator, contracts).agreement.reference:
        todo = f"inscrire la référence de la convention dans le contrat de {file.operator} (agreement)"
        return RejectedFile("NO_AGREEMENT", "données réelles refusées : pas de convention", todo=todo)
    return None


Examined = list[tuple[File, RejectedFile | None]]


def _refuse_mixing(examined: Examined, registry: Registry) -> Examined:
    """Synthetic and real deliveries never share a warehouse; if both come first, neither is landed."""
    kinds = {row["is_synthetic"] for row in registry.deliveries.values()}
    kinds = kinds or {file.is_synthetic for file, error in examined if error is None}
    allowed = kinds if len(kinds) == 1 else set()
    todo = "tenir les données de démonstration dans d'autres bases (SYNCHRO_WAREHOUSE, SYNCHRO_VAULT)"
    refusal = RejectedFile("MIXED", "données réelles et de démonstration mêlées", todo=todo)
    return [(file, error if error or file.is_synthetic in allowed else refusal) for file, error in examined]


def load_or_generate_keys(settings: Settings, is_first_landing: bool, is_demonstration: bool) -> Keys:
    """The territory's keys; demonstration keys are made if there are none and nothing real is at stake."""
    territory = str(settings.variables.get("territory") or "")
    try:
        keys = load_keys(settings.keys)
    except KeysError as error:
        if error.code != "KEYS_MISSING":
            raise
        if not is_first_landing:
            todo = "remettre le fichier de clés d'origine : le coffre a été écrit avec lui, et ne sert à rien sans"
            raise KeysError("KEYS_MISSING", error.what, error.where, todo) from None
        if not is_demonstration:
            raise
        keys = generate_keys(settings.keys, territory)
    if keys.territory != territory:
        todo = "prendre les clés du territoire, ou corriger `territory` dans dbt_project.yml"
        raise KeyMismatch("clés d'un autre territoire", str(settings.keys), todo)
    return keys


# ------------------------------------------------------------------------------------------------ landing


class _Run:
    """One run over an inbox: keys and databases are opened on the first need, once."""

    def __init__(
        self,
        settings: Settings,
        contracts: dict[str, OperatorContract],
        registry: Registry,
        moment: datetime,
    ) -> None:
        self.settings = settings
        self.contracts = contracts
        self.registry = registry
        self.moment = moment
        self.known_values = KnownValues(settings.project_dir)
        self.tombstones = read_tombstones(settings.tombstones)
        # Ids encoded by this run; all of them reach the vault with their file's group, or the run stops.
        self.known_identities: set[str] = set()
        self.encoder: Encoder | None = None
        self.vault_info: dict[str, Any] = {}
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._reception: ReceptionKeys | None = None
        # Of each operator, extract and month: number of the sealed delivery -> when it was made.
        self._numbers: dict[tuple[str, str, date], dict[int, datetime]] = {}
        for row in registry.deliveries.values():
            if row.get("delivery_number"):
                key = (row["operator"], row["extract"], row["reference_month"])
                self._numbers.setdefault(key, {})[row["delivery_number"]] = row["received_at"]

    def check_keys(self, files: list[File]) -> None:
        """Load the keys if a file is new, and refuse other keys than those the vault was written with."""
        if all(file.delivery_id in self.registry.deliveries for file in files):
            return
        is_first_landing = self.registry.vault_info is None and not self.registry.deliveries
        is_demonstration = all(file.is_synthetic for file in files)
        keys = load_or_generate_keys(self.settings, is_first_landing, is_demonstration)
        self.encoder = Encoder(keys)
        self.vault_info = self._vault_info(keys, self.encoder)
        if not is_first_landing and self.registry.vault_info != tuple(self.vault_info.values()):
            todo = "remettre le fichier de clés d'origine ; de nouvelles clés demandent un nouveau coffre"
            raise KeyMismatch("le coffre a été écrit avec d'autres clés", str(self.settings.vault), todo)

    def _vault_info(self, keys: Keys, encoder: Encoder) -> dict[str, Any]:
        """The row of identity.vault_info: tokens of fixed messages tell one pair of keys from another."""
        key_id, known_answer = encoder.identifiers("known_answer", [b"key_id", KNOWN_PERSON])
        return {
            "territory": keys.territory,
            "key_id": key_id[:16],
            "known_answer": known_answer,
            "normaliser_version": NORMALISER_VERSION,
            "encoding_version": ENCODING_VERSION,
        }

    # -------------------------------------------------------------------------------------- files

    def land_files(self, examined: Examined, progress: Progress | None = None) -> Iterator[Receipt]:
        """Prepare and store the files by groups; yields their receipts in order."""
        group: list[tuple[File, Outcome]] = []
        rows = 0
        for done, (file, error) in enumerate(examined, start=1):
            outcome = error or self._outcome(file, {other.delivery_id for other, _ in group})
            group.append((file, outcome))
            if progress:
                progress("Réception", done, len(examined))
            rows += outcome.rows.num_rows if isinstance(outcome, Prepared) else 0
            if rows >= GROUP_ROWS:
                yield from self._store_group(group)
                group, rows = [], 0
        yield from self._store_group(group)

    def _outcome(self, file: File, pending: set[str]) -> Outcome:
        if file.delivery_id in self.registry.deliveries or file.delivery_id in pending:
            return None
        try:
            return self._prepare(file)
        except RejectedFile as error:
            return error
        except Exception as error:
            # The text of an unforeseen error may quote a value: tell its kind and place only.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(frame.filename).name}:{frame.lineno}, {type(error).__name__}"
            todo = "signaler cette erreur, avec ce lieu"
            return RejectedFile("INTERNAL", "erreur inattendue à la lecture", where, todo)

    def _store_group(self, group: list[tuple[File, Outcome]]) -> Iterator[Receipt]:
        prepared = [
            (file.delivery_id, file.operator, outcome) for file, outcome in group if isinstance(outcome, Prepared)
        ]
        if prepared:
            with writing(self.settings.vault):
                store_in_vault(self.connection(), prepared)
        for file, outcome in group:
            if isinstance(outcome, Prepared):
                yield self._store(file, outcome)
            elif outcome is None:
                yield self._duplicate(file, self.registry.deliveries[file.delivery_id])
            else:
                yield _rejected(file, outcome)

    def _prepare(self, file: File) -> Prepared:
        content = read_bytes(file.path)
        if file.seal:
            prepared = self._unsealed(file, content)
        else:
            names = self._names_in_other_sheets(file, content)
            prepared = self._prepared(file, self._read(file, content), names)
        prepared = self.tombstones.without(prepared, file.month)
        self.known_identities.update(prepared.identities["identity_id"].to_pylist())
        return prepared

    def _prepared(self, file: File, delivery: Delivery, other_names: Sequence[str] = ()) -> Prepared:
        known = self.known_values, self.known_identities
        return prepare(delivery, file.extract, file.month, self.encoder, *known, other_names)

    def _read(self, file: File, content: bytes) -> Delivery:
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise RejectedFile("CHANGING", "fichier modifié pendant la réception", todo="relancer une fois complet")
        delivery = read(content, file.extract)
        delivery.check_rows(file.rows_announced)
        if not delivery.rows and not file.manifest:
            todo = "redemander le fichier, ou un manifeste qui dit 0 ligne"
            raise RejectedFile("NO_ROWS", "aucune ligne sous l'en-tête", todo=todo)
        return delivery

    def _names_in_other_sheets(self, file: File, content: bytes) -> list[str]:
        """A person named on one sheet of a workbook is masked on the others."""
        extracts = contract_of(file.operator, self.contracts).extracts.values()
        others = [other for other in extracts if other.file == file.extract.file and other.name != file.extract.name]
        return [name for other in others if other.has_identity for name in names_in(read(content, other), other)]

    # ------------------------------------------------------------------------------ sealed deliveries

    def _unsealed(self, file: File, content: bytes) -> Prepared:
        seal = file.seal
        numbers = self._numbers.setdefault((file.operator, file.extract.name, file.month), {})
        _check_number(seal, numbers)
        self._check_known_answer(seal)
        if hashlib.sha256(content).hexdigest() != seal.sha256_sealed:
            raise RejectedFile("CHANGING", "fichier modifié pendant la réception", todo="relancer une fois complet")
        self._reception = self._reception or load_reception(self.settings)
        clear = unseal(content, seal, self._reception)
        if seal.is_encoded:
            prepared = read_encoded(clear, seal, file.extract, self.encoder)
        else:
            prepared = self._prepared(file, read_unsealed(clear, seal, file.extract))
        numbers[seal.delivery_number] = seal.produced_at
        return prepared

    def _check_known_answer(self, seal: SealedManifest) -> None:
        """Whether the sender's K1 is that of this territory, if it holds one."""
        if seal.known_answer is None:
            return
        answer = self.encoder.vault_layer.identifier("known_answer", bytes.fromhex(seal.known_answer))
        if answer != self.vault_info["known_answer"]:
            todo = "donner à l'opérateur le fichier couche-operateur.json de ce territoire"
            raise RejectedFile("KEY", "la clé K1 de l'opérateur n'est pas celle de ce territoire", todo=todo)

    def _duplicate(self, file: File, registered: dict[str, Any]) -> Receipt:
        """The same bytes again: nothing to store, but the earlier of two arrivals is the one registered."""
        arrival = {"received_at": _received_at(file, self.moment), "file_name": normal_form(file.path.name)}
        if tuple(arrival.values()) < (registered["received_at"], registered["file_name"]):
            statement = "update synchro.raw.deliveries set received_at = ?, file_name = ? where delivery_id = ?"
            with writing(self.settings.warehouse), transaction(self.connection()):
                self.connection().execute(statement, [*arrival.values(), file.delivery_id])
            registered |= arrival
        return _receipt(file, registered, "duplicate", "fichier déjà reçu : rien à faire")

    def _store(self, file: File, prepared: Prepared) -> Receipt:
        counts = prepared.counts
        others = counts.rows_deduplicated + counts.rows_quarantined
        if counts.rows_in != counts.rows_landed + others or counts.rows_landed != prepared.rows.num_rows:
            raise SynchroError("BALANCE", "des lignes manquent au décompte", file.label, "signaler cette erreur")
        row = self._delivery_row(file, prepared)
        with writing(self.settings.warehouse):
            store_in_warehouse(self.connection(), file.extract, prepared, row)
        self.registry.deliveries[file.delivery_id] = row
        receipt = _receipt(file, row, "accepted", _summary(row))
        return receipt.model_copy(update={"quarantine_codes": counts.quarantine_codes, "notes": counts.notes})

    def _delivery_row(self, file: File, prepared: Prepared) -> dict[str, Any]:
        counts = asdict(prepared.counts)
        return {
            "delivery_id": file.delivery_id,
            "operator": file.operator,
            "contract": file.extract.source,
            "extract": file.extract.name,
            "reference_month": file.month,
            "sha256": file.sha256,
            "file_name": normal_form(file.path.name),
            "received_at": _received_at(file, self.moment),
            "scope": file.extract.scope,
            **{name: counts[name] for name in (*_COUNTS_OF_ROWS, *_COUNTS_OF_VALUES)},
            "contract_digest": file.extract.digest,
            "normaliser_version": NORMALISER_VERSION,
            "key_id": self.vault_info["key_id"],
            "is_synthetic": file.is_synthetic,
            "delivery_number": file.seal.delivery_number if file.seal else None,
            "sealed_sha256": file.seal.sha256_sealed if file.seal else None,
        }

    # ---------------------------------------------------------------------------------- databases

    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection that writes: opened on the first need, tables brought up to date."""
        if self._connection is None:
            self._connection = connect_to_write(self.settings)
            with writing(self.settings.warehouse):
                self._update_layout(self._connection)
        return self._connection

    def _update_layout(self, connection: duckdb.DuckDBPyConnection) -> None:
        statements = missing_statements(present_tables(connection), expected_tables(self.contracts))
        # One transaction a file: DuckDB does not write two in one.
        for group in statements.values():
            with transaction(connection):
                for statement in group:
                    connection.execute(statement)
        if self.registry.vault_info is None and self.vault_info:
            with transaction(connection):
                insert_row(connection, VAULT_INFO, self.vault_info)

    def close(self) -> None:
        """Checkpoint and close, so that no write-ahead log stays beside the files."""
        if self._connection is not None:
            with self._connection as connection, writing(self.settings.warehouse):
                connection.execute("checkpoint vault")
                connection.execute("checkpoint synchro")
            self._connection = None


def _check_number(seal: SealedManifest, numbers: dict[int, datetime]) -> None:
    """Deliveries of a month come in their order. numbers: when each one received so far was made."""
    number = seal.delivery_number
    if number in numbers:
        todo = "vérifier auprès de l'opérateur, qui envoie ses corrections sous un nouveau numéro"
        raise RejectedFile("REPLAY", f"autre contenu sous un numéro déjà reçu : {number}", todo=todo)
    if number < max(numbers, default=0):
        todo = "rien, si une livraison plus récente est bien là ; sinon la redemander"
        raise RejectedFile("STALE", f"livraison {number} périmée : la {max(numbers)} est déjà reçue", todo=todo)
    if numbers and seal.produced_at <= max(numbers.values()):
        todo = "mettre à l'heure le poste qui scelle, puis refaire la livraison"
        raise RejectedFile("CLOCK", f"livraison {number} datée d'avant celle qu'elle corrige", todo=todo)


# ----------------------------------------------------------------------------------------------- receipts


def _receipt(file: File, row: dict[str, Any], status: Literal["accepted", "duplicate"], message: str) -> Receipt:
    names = set(Receipt.model_fields) & set(row)
    return Receipt(**{name: row[name] for name in names}, status=status, message=message)


def _summary(row: dict[str, Any]) -> str:
    parts = [f"{row['rows_landed']} lignes retenues sur {row['rows_in']}"]
    details = {
        "rows_deduplicated": "en double",
        "rows_quarantined": "en quarantaine",
        "values_masked": "valeurs masquées",
        "values_unreadable": "valeurs illisibles",
        "columns_unknown": "colonnes hors contrat, non lues",
    }
    return ", ".join(parts + [f"{row[name]} {text}" for name, text in details.items() if row[name]])


def _rejected(file: File, error: RejectedFile) -> Receipt:
    where = ", ".join(part for part in (file.label, error.where) if part)
    return Receipt(
        delivery_id=file.delivery_id,
        status="rejected",
        code=error.code,
        message=str(RejectedFile(error.code, error.what, where, error.todo)),
        operator=file.operator,
        extract=file.extract.name if file.extract else None,
        reference_month=file.month,
        file_name=file.path.name if file.extract else file.label,
        sha256=file.sha256,
        is_synthetic=file.is_synthetic,
        delivery_number=file.seal.delivery_number if file.seal else None,
    )
