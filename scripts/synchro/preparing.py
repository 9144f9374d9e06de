"""From the coded columns of one file to the tables to be stored: no name goes past this module."""

from __future__ import annotations

import unicodedata
from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from synchro.columns import Coded, joint
from synchro.contracts import NAME_ROLES, ColumnContract, ExtractContract
from synchro.encoding import Encoded, Encoder, Identities, birth_year, messages, precision
from synchro.errors import RejectedFile
from synchro.guard import Guard, KnownValues
from synchro.normalise import normalise_local_id, normalise_name, normalise_number
from synchro.plausibility import in_month, precede, shared_ids, totals
from synchro.readers import Delivery
from synchro.values import birth_date_reader, exchanged_detector, parser

# Of rows repeated in a file: more is told.
MAX_DUPLICATE_SHARE = 0.01
# Birth dates on a 1st of January or 31st of December: more, among this many at least, is told.
MAX_UNKNOWN_DAYS_SHARE, MIN_BIRTH_DATES = 0.3, 20
# Of rows in the month of the file: fewer, and the file is of another month.
MIN_SHARE_IN_MONTH = 0.1
# A month whose last row is earlier is told to be unfinished.
MIN_LAST_DAY = 25
UNREADABLE_CODES = {"date": "BAD_DATE", "datetime": "BAD_DATE", "integer": "BAD_INTEGER"}

_TOTALLED_ROLES = ("record.local_id", "household.local_id", "value")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


@dataclass
class Counts:
    """Balance of a file: rows_in = rows_landed + rows_deduplicated + rows_quarantined."""

    rows_in: int = 0
    rows_landed: int = 0
    rows_deduplicated: int = 0
    rows_quarantined: int = 0
    values_masked: int = 0
    values_unreadable: int = 0
    columns_unknown: int = 0
    quarantine_codes: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """Everything that a delivery stores, without its delivery_id."""

    rows: pa.Table
    quarantine: pa.Table
    identities: pa.Table
    record_identities: pa.Table
    local_ids: pa.Table
    counts: Counts


def prepare(
    delivery: Delivery,
    contract: ExtractContract,
    month: date,
    encoder: Encoder,
    known_values: KnownValues,
    known_identities: Collection[str] = frozenset(),
    other_names: Iterable[str] = (),
) -> Prepared:
    """Check, tokenise and mask one file. Pure: writes nothing.

    known_identities: ids of identities stored already, whose encodings need not be made again.
    other_names: names that the other sheets of the same workbook hold, to be masked here too.
    """
    guard = Guard([*names_in(delivery, contract), *other_names])
    return _Preparation(delivery, contract, month, encoder, known_values, guard).result(known_identities)


def names_in(delivery: Delivery, contract: ExtractContract) -> Iterator[str]:
    """The distinct last, first and birth names of a file, as typed, a column after the other."""
    for column in contract.read_columns:
        if column.role in NAME_ROLES and column.name in delivery.columns:
            yield from delivery.columns[column.name].values


class _Preparation:
    def __init__(
        self,
        delivery: Delivery,
        contract: ExtractContract,
        month: date,
        encoder: Encoder,
        known_values: KnownValues,
        guard: Guard,
    ) -> None:
        self.contract = contract
        self.encoder = encoder
        self.known_values = known_values
        self.month_end = month.replace(day=monthrange(month.year, month.month)[1])
        self.is_xlsx, self.is_1904 = contract.format.type == "xlsx", delivery.is_1904
        self.month = f"{month:%Y-%m}"
        self.counts = Counts(
            rows_in=delivery.rows, columns_unknown=delivery.columns_unknown, notes=dict(delivery.notes)
        )
        self.guard = guard
        self.columns = {
            column.name: delivery.columns.get(column.name, Coded.nulls(delivery.rows))
            for column in contract.read_columns
        }
        self.source_rows = np.arange(1, delivery.rows + 1, dtype=np.int32)
        # Of each row, the place in `self.codes` of its first fault: (column, code); -1 if it is sound.
        self.codes: list[tuple[str, str]] = []
        self.faults = np.full(delivery.rows, -1, dtype=np.int64)

    def result(self, known_identities: Collection[str]) -> Prepared:
        self._drop_duplicates()
        quarantine = self._read_types_and_quarantine()
        self.counts.rows_landed = len(self.source_rows)
        self.names = self._names()
        encoded = self.encoder.encode(self.names, known_identities)
        records = self._record_ids()
        return Prepared(
            rows=self._landed(records),
            quarantine=quarantine,
            identities=encoded.table,
            record_identities=self._record_identities(records, encoded),
            local_ids=self._local_ids(records),
            counts=self.counts,
        )

    # ------------------------------------------------------------------------------------- rows

    def _keep(self, rows: np.ndarray) -> None:
        self.columns = {name: column.take(rows) for name, column in self.columns.items()}
        self.source_rows, self.faults = self.source_rows[rows], self.faults[rows]

    def _drop_duplicates(self) -> None:
        """Rows equal in every contracted column: the first one stays."""
        _, first = joint([column.codes for column in self.columns.values()])
        self.counts.rows_deduplicated = len(self.source_rows) - len(first)
        if self.counts.rows_deduplicated:
            self._keep(np.sort(first))
        if self.counts.rows_deduplicated > MAX_DUPLICATE_SHARE * self.counts.rows_in:
            self.counts.notes["DUPLICATES"] = self.counts.rows_deduplicated

    def _read_types_and_quarantine(self) -> pa.Table:
        """Parse typed columns; set aside the rows that are no record, or a wrong one.

        A row is quarantined once, for its first fault.
        """
        self._find_totals()
        unreadable = np.zeros(len(self.source_rows), dtype=np.int64)
        for column in self.contract.read_columns:
            cells = self.columns[column.name].map(_clean)
            parsed = self._parsed(column, cells)
            self.columns[column.name] = parsed
            lost = parsed.is_null & ~cells.is_null
            self._refuse_exchanged_dates(column, cells, lost)
            unreadable += lost
            if column.role == "identity.birth_date":
                # Read in part only: the operator should know of it too.
                unreadable += parsed.flags(precision(text) == "parts" for text in parsed.values)
            if column.required:
                for code, rows in self._cell_faults(column, cells, parsed, lost).items():
                    self._fault(column.name, code, rows)
        self._check_month()
        self._find_impossible_rows()
        self.counts.values_unreadable = int(unreadable[self.faults < 0].sum())
        return self._quarantine()

    def _fault(self, column: str, code: str, rows: np.ndarray) -> None:
        self.codes.append((column, code))
        self.faults[rows & (self.faults < 0)] = len(self.codes) - 1

    def _cell_faults(
        self, column: ColumnContract, cells: Coded, parsed: Coded, lost: np.ndarray
    ) -> dict[str, np.ndarray]:
        faults = {"REQUIRED_EMPTY": cells.is_null}
        if column.type in UNREADABLE_CODES:
            faults[UNREADABLE_CODES[column.type]] = lost
        if column.is_date:
            last_day = self.month_end.isoformat()
            faults["FUTURE_DATE"] = parsed.flags(text[:10] > last_day for text in parsed.values)
        return faults

    def _find_totals(self) -> None:
        for column in self.contract.read_columns:
            if column.type == "text" and column.role in _TOTALLED_ROLES:
                known = self.known_values.of(column.vocabulary, self.contract.operator)
                self._fault(column.name, "TOTAL", totals(self.columns[column.name], known))

    def _refuse_exchanged_dates(self, column: ColumnContract, cells: Coded, lost: np.ndarray) -> None:
        """A file where some dates can only be month/day is not trusted for the others, which may be either.

        Birth dates are typed by hand one at a time: there each stands for itself (`values.birth_date_reader`).
        """
        if column.role != "value" or not column.is_date or not lost.any():
            return
        is_exchanged = exchanged_detector(column.format)
        rows = np.flatnonzero(cells.flags(map(is_exchanged, cells.values)) & lost)
        if len(rows):
            what = f"{len(rows)} date(s) où jour et mois sont échangés : les autres sont douteuses"
            where = f"ligne {self.source_rows[rows[0]]} sous l'en-tête, colonne « {column.header} »"
            raise RejectedFile("DATE_ORDER", what, where, "redemander le fichier avec des dates d'un seul format")

    def _check_month(self) -> None:
        """The rows are of the month that the file's name says, and of all of it."""
        if self.contract.month_column is None:
            return
        column = next(column for column in self.contract.columns if column.name == self.contract.month_column)
        days = self.columns[column.name]
        found = int((~days.is_null).sum())
        rows, last_day = in_month(days, self.month)
        if rows < MIN_SHARE_IN_MONTH * found:
            what = f"{found - rows} ligne(s) sur {found} ne sont pas du mois {self.month}"
            todo = "vérifier le mois dans le nom du fichier, ou redemander le bon extrait"
            raise RejectedFile("MONTH", what, f"colonne « {column.header} »", todo)
        if last_day and last_day < MIN_LAST_DAY:
            self.counts.notes["PARTIAL_MONTH"] = last_day

    def _find_impossible_rows(self) -> None:
        for column in self.contract.read_columns:
            if column.not_before:
                rows = precede(self.columns[column.name], self.columns[column.not_before])
                self._fault(column.name, "BEFORE", rows)
        local_id = self.contract.column_with_role("record.local_id")
        if local_id and self.contract.column_with_role("identity.birth_date"):
            rows = shared_ids(self.columns[local_id.name], self._column("identity.birth_date"))
            self._fault(local_id.name, "SHARED_ID", rows)

    def _quarantine(self) -> pa.Table:
        bad = np.flatnonzero(self.faults >= 0)
        self.counts.rows_quarantined = len(bad)
        found = [self.codes[fault] for fault in self.faults[bad]]
        for _, code in found:
            self.counts.quarantine_codes[code] = self.counts.quarantine_codes.get(code, 0) + 1
        table = pa.table(
            {
                "source_row": pa.array(self.source_rows[bad]),
                "column_name": pa.array([name for name, _ in found], pa.string()),
                "code": pa.array([code for _, code in found], pa.string()),
            }
        )
        if len(bad):
            self._keep(np.flatnonzero(self.faults < 0))
        return table

    def _parsed(self, column: ColumnContract, cells: Coded) -> Coded:
        if column.role.startswith("shared."):
            return cells.map(normalise_number)
        if column.role in ("record.local_id", "household.local_id"):
            return cells.map(normalise_local_id)
        if column.type == "text":
            return cells
        read = parser(column, self.is_xlsx, self.is_1904)
        if column.role != "identity.birth_date":
            return cells.map(read)
        return cells.map(birth_date_reader(read, column.format, self.month_end))

    # --------------------------------------------------------------------------------- identity

    def _column(self, role: str) -> Coded:
        """The column that plays a role; all null if none does."""
        column = self.contract.column_with_role(role)
        return self.columns[column.name] if column else Coded.nulls(len(self.source_rows))

    def _names(self) -> Identities:
        last, first, birth = (self._column(role).map(normalise_name) for role in NAME_ROLES)
        return Identities(last, first, birth, self._column("identity.birth_date"))

    def _tokens(self, field: str, columns: list[Coded], marks: tuple[str, ...]) -> Coded:
        """Keyed tokens (32 hex) of combinations of columns; null where every column is."""
        codes, first = joint([column.codes for column in columns])
        distinct = [column.take(first) for column in columns]
        prefix = b"".join(b"%d:%b" % (len(mark.encode()), mark.encode()) for mark in marks)
        tokens: list[str | None] = list(self.encoder.identifiers(field, messages(distinct, prefix)))
        for row in np.flatnonzero(np.logical_and.reduce([column.is_null for column in distinct])):
            tokens[row] = None
        return Coded(codes, [str(index) for index in range(len(tokens))]).replace(tokens)

    def _record_ids(self) -> Coded:
        operator = self.contract.operator
        if self.contract.column_with_role("record.local_id"):
            return self._tokens("record_id", [self._column("record.local_id")], (operator, "local_id"))
        columns = [
            self._column("household.local_id"),
            self.names.last_name,
            self.names.first_name,
            self.names.birth_date,
        ]
        return self._tokens("record_id", columns, (operator, "household_and_identity"))

    def _household_ids(self) -> Coded:
        return self._tokens("household_id", [self._column("household.local_id")], (self.contract.operator,))

    def _record_identities(self, records: Coded, encoded: Encoded) -> pa.Table:
        """One row per distinct record, identity and shared numbers of the file."""
        identities = Coded(encoded.codes, encoded.identity_ids)
        nur, agdref = (self._column(role) for role in ("shared.nur", "shared.agdref"))
        _, first = joint([records.codes, identities.codes, nur.codes, agdref.codes])
        first = first[~records.is_null[first]]
        return pa.table(
            {
                "record_id": records.take(first).to_arrow(),
                "identity_id": identities.take(first).to_arrow(),
                "nur_token": self.encoder.column_token("nur", nur.take(first)),
                "agdref_token": self.encoder.column_token("agdref", agdref.take(first)),
            }
        )

    def _local_ids(self, records: Coded) -> pa.Table:
        """Each record's own identifier at its operator, masked to null where it may name a person."""
        has_record_id = self.contract.column_with_role("record.local_id") is not None
        local_ids = self._column("record.local_id" if has_record_id else "household.local_id")
        _, first = joint([records.codes])
        first = first[~records.is_null[first] & ~local_ids.is_null[first]]
        safe = local_ids.map(lambda text: None if self.guard.is_suspect_local_id(text) else text)
        return pa.table({"record_id": records.take(first).to_arrow(), "local_id": safe.take(first).to_arrow()})

    # ---------------------------------------------------------------------------------- storage

    def _landed(self, records: Coded) -> pa.Table:
        birth = self._column("identity.birth_date")
        precisions = pa.nulls(len(self.source_rows), pa.string())
        if self.contract.column_with_role("identity.birth_date"):
            kinds = np.array([*map(precision, birth.values), "missing"], dtype=object)[birth.codes]
            self._note_unknown_days(int((kinds == "year").sum()), int((~birth.is_null).sum()))
            precisions = pa.array(kinds, pa.string())
        table = {
            "_source_row": pa.array(self.source_rows),
            "_record_id": records.to_arrow(),
            "_household_id": self._household_ids().to_arrow(),
            "birth_year": birth.map(birth_year).to_arrow(),
            "birth_date_precision": precisions,
        }
        for column in self.contract.value_columns:
            table[column.name] = self._guarded(column).to_arrow()
        return pa.table(table)

    def _note_unknown_days(self, unknown: int, known: int) -> None:
        if known >= MIN_BIRTH_DATES and unknown > MAX_UNKNOWN_DAYS_SHARE * known:
            self.counts.notes["UNKNOWN_DAYS"] = unknown

    def _guarded(self, column: ColumnContract) -> Coded:
        cells = self.columns[column.name]
        if column.type != "text":
            return cells
        known = self.known_values.of(column.vocabulary, self.contract.source)
        masked, rows = self.guard.mask(cells, known)
        self.counts.values_masked += int(rows.sum())
        return masked


def _clean(text: str) -> str | None:
    """A cell without signs that cannot be seen, no-break spaces as spaces, in NFC; None if nothing is left."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_SPACES))
        text = "".join([sign for sign in text if unicodedata.category(sign) != "Cf"])
    return text if text.strip() else None
