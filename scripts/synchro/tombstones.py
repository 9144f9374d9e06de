"""What must stay out: tombstones of erased and purged persons, honoured by every later landing.

The file stands beside the warehouse and outlives it: when everything is landed again, from the first file on, what
was erased stays out. It holds keyed tokens only; with other keys it is as useless as the vault.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from synchro.errors import SynchroError
from synchro.files import write
from synchro.preparing import Prepared

ERASED, PURGED = "erased", "purged"
# In the register of rows set aside: whose they were is no longer known.
ERASED_CODE = "ERASED"


@dataclass(frozen=True, order=True)
class Tombstone:
    """One record, or one identity as it was written, that must stay out; `until` bounds a purge (its first day)."""

    kind: str
    token: str
    until: str
    decided_on: str
    reference: str


@dataclass(frozen=True)
class Tombstones:
    """Tokens to keep out of a delivery of a month."""

    erased: frozenset[str] = frozenset()
    purged: dict[str, date] = field(default_factory=dict)

    def keeps_out(self, token: str | None, month: date) -> bool:
        return token in self.erased or (token in self.purged and month <= self.purged[token])

    def without(self, prepared: Prepared, month: date) -> Prepared:
        """The delivery without the rows kept out, which are counted as set aside (code ERASED)."""
        identities = prepared.record_identities
        records = {
            record
            for record, identity in zip(
                identities["record_id"].to_pylist(), identities["identity_id"].to_pylist(), strict=True
            )
            if self.keeps_out(record, month) or self.keeps_out(identity, month)
        }
        landed = prepared.rows["_record_id"].unique().to_pylist()
        records |= {record for record in landed if self.keeps_out(record, month)}
        if not records:
            return prepared
        return _without_records(prepared, records)


def read_tombstones(path: Path) -> Tombstones:
    """All tombstones of the file; none if it does not exist. Raises SynchroError TOMBSTONES."""
    purged: dict[str, date] = {}
    stones = _read(path)
    for stone in stones:
        if stone.kind == PURGED:
            purged[stone.token] = max(purged.get(stone.token, date.min), date.fromisoformat(stone.until))
    return Tombstones(frozenset(stone.token for stone in stones if stone.kind == ERASED), purged)


def add_tombstones(path: Path, stones: Iterable[Tombstone]) -> None:
    """Write the file anew with these too, mode 0600, all or nothing. Raises SynchroError TOMBSTONES, OSError."""
    names = [column.name for column in fields(Tombstone)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(astuple(stone) for stone in sorted({*_read(path), *stones}))
    write(path, text.getvalue(), mode=0o600)


def _read(path: Path) -> list[Tombstone]:
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            stones = [Tombstone(**row) for row in csv.DictReader(file)]
        for stone in stones:
            if stone.kind not in (ERASED, PURGED) or (stone.kind == PURGED and not date.fromisoformat(stone.until)):
                raise ValueError
    except (TypeError, ValueError, OSError):
        raise SynchroError(
            "TOMBSTONES",
            "Le registre des effacements ne se lit pas",
            where=str(path),
            todo="remettre la sauvegarde de ce fichier : sans lui, des personnes effacées reviendraient",
        ) from None
    return stones


def _without_records(prepared: Prepared, records: set[str]) -> Prepared:
    is_out = _is_among(prepared.rows["_record_id"], records)
    out = prepared.rows.filter(is_out)
    set_aside = pa.table(
        {
            "source_row": out["_source_row"].cast(prepared.quarantine.schema.field("source_row").type),
            "column_name": pa.nulls(out.num_rows, prepared.quarantine.schema.field("column_name").type),
            "code": pa.array([ERASED_CODE] * out.num_rows, prepared.quarantine.schema.field("code").type),
        }
    )
    kept = _others(prepared.record_identities, records)
    identities = prepared.identities.filter(
        _is_among(prepared.identities["identity_id"], kept["identity_id"].to_pylist())
    )
    counts = prepared.counts
    codes = {**counts.quarantine_codes, ERASED_CODE: out.num_rows} if out.num_rows else counts.quarantine_codes
    return replace(
        prepared,
        rows=prepared.rows.filter(pc.invert(is_out)),
        quarantine=pa.concat_tables([prepared.quarantine, set_aside]),
        identities=identities,
        record_identities=kept,
        local_ids=_others(prepared.local_ids, records),
        counts=replace(
            counts,
            rows_landed=counts.rows_landed - out.num_rows,
            rows_quarantined=counts.rows_quarantined + out.num_rows,
            quarantine_codes=codes,
        ),
    )


def _others(table: pa.Table, records: Iterable[str]) -> pa.Table:
    return table.filter(pc.invert(_is_among(table["record_id"], records)))


def _is_among(column: pa.ChunkedArray, tokens: Iterable[str | None]) -> pa.ChunkedArray:
    values = pa.array(sorted({token for token in tokens if token is not None}), pa.string())
    return pc.is_in(column.cast(pa.string()), value_set=values)
