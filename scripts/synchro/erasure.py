"""`synchro erase` and `synchro purge`: records that leave for good.

DuckDB keeps deleted values in free blocks: both files are written anew without the records, everything is built again
from what is left, published, and only then put in place. Tombstones keep the records out of later landings, and a
landing of every file from the first on gives the same tables as the erasure did.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from synchro.build import WITHOUT_UNIT_TESTS, dbt_build
from synchro.contracts import load_contracts
from synchro.errors import SynchroError
from synchro.files import replace_all
from synchro.layout import expected_tables, missing_statements, present_tables
from synchro.publish import publish
from synchro.run import drafting, put_in_place
from synchro.settings import Settings
from synchro.tombstones import ERASED, ERASED_CODE, PURGED, Tombstone, add_tombstones, read_tombstones
from synchro.warehouse import connect_read_only, connect_to_write, quoted

Progress = Callable[[str, int, int], None]

# Decisions and labels name records.
_SEEDS = ("overrides.csv", "clerical_labels.csv")


@dataclass(frozen=True)
class Scope:
    """What would leave: records by operator, their tokens, and identities complete enough to be known again."""

    records: tuple[str, ...]
    identities: tuple[str, ...]
    by_operator: dict[str, int]


@dataclass(frozen=True)
class Removal:
    """The receipt: what left, in numbers only."""

    kind: str
    reference: str
    decided_on: str
    records: int
    records_by_operator: dict[str, int]
    rows_removed: int
    deliveries_touched: int

    @property
    def file_name(self) -> str:
        word = "effacement" if self.kind == ERASED else "purge"
        return f"{word}_{self.decided_on}_{self.reference}.json"


def scope_of_person(settings: Settings, operator: str, local_ids: Sequence[str], whole_person: bool = True) -> Scope:
    """The records that go when an operator's numbers are erased: with all that linkage joined to them, or alone.

    Raises SynchroError NOT_FOUND when a number is not in the vault; the message says how many, not which.
    """
    with closing(connect_read_only(settings)) as con:
        found = con.execute(
            "select record_id, local_id from vault.identity.local_ids"
            " where operator = ? and list_contains(?, local_id)",
            [operator, list(local_ids)],
        ).fetchall()
        missing = len(set(local_ids) - {local_id for _, local_id in found})
        if missing or not found:
            raise SynchroError(
                "NOT_FOUND",
                f"{missing or 'Aucun'} numéro(s) ne sont pas dans la base : rien n'a été effacé",
                where=operator,
                todo="vérifier les numéros auprès de l'opérateur, tels qu'il les écrit dans ses fichiers",
            )
        records = {record for record, _ in found}
        if whole_person and ("vault", "linked", "lnk_person_records") in present_tables(con):
            records |= {record for (record,) in con.execute(_RECORDS_OF_PERSONS, [list(records)]).fetchall()}
        return _scope(con, records)


def scope_of_purge(settings: Settings, on: date, months: int) -> Scope:
    """The records of persons whose last contact is more than `months` months before `on`. Raises NOT_BUILT."""
    with closing(connect_read_only(settings)) as con:
        try:
            rows = con.execute(_RECORDS_WITHOUT_CONTACT, {"on": on, "months": months}).fetchall()
        except duckdb.CatalogException:
            todo = "lancer « dbt build », puis recommencer"
            raise SynchroError("NOT_BUILT", "La liste n'est pas construite", todo=todo) from None
        return _scope(con, {record for (record,) in rows})


def remove(
    settings: Settings,
    scope: Scope,
    kind: str,
    reference: str,
    decided_on: date,
    progress: Progress | None = None,
) -> Removal:
    """Write the tombstones, both files anew, the whole build and the internal publication; returns the receipt.

    An identity is kept out only by an erasure: someone purged who comes back is met again. A failed build leaves both
    files and the publication as they were; the tombstones stay, so that the next attempt or landing honours them.
    Raises SynchroError: TOMBSTONES, BUILD_FAILED, LOCKED, those of `publish`.
    """
    until = decided_on.replace(day=1).isoformat() if kind == PURGED else ""
    tokens = scope.records if kind == PURGED else (*scope.records, *scope.identities)
    with drafting(settings) as draft:
        add_tombstones(
            settings.tombstones,
            [Tombstone(kind, token, until, decided_on.isoformat(), reference) for token in tokens],
        )
        rows, deliveries = _copy_without(settings, draft)
        if kind == ERASED:
            _forget_decisions(settings, scope.records)
        dbt_build(draft, progress, WITHOUT_UNIT_TESTS)
        publish(draft, audience="internal", progress=progress)
        put_in_place(draft, settings)
    removal = Removal(
        kind, reference, decided_on.isoformat(), len(scope.records), scope.by_operator, rows, deliveries
    )
    settings.receipts.mkdir(parents=True, exist_ok=True)
    receipt = json.dumps(asdict(removal), indent=2, ensure_ascii=False) + "\n"
    (settings.receipts / removal.file_name).write_text(receipt, encoding="utf-8")
    return removal


def workbooks_to_delete(settings: Settings) -> list[Path]:
    """Workbooks handed out before that may still hold numbers of whoever left."""
    folder = settings.warehouse.parent
    return sorted([*folder.glob("retours/*.xlsx"), *folder.glob("relecture*.xlsx")])


# An identity that says less (a first name, a year) is many persons'.
_COMPLETE = "birth_date_precision = 'day' and last_name_token is not null and first_name_token is not null"

_RECORDS_OF_PERSONS = """
    select others.record_id
    from vault.linked.lnk_person_records as own
    inner join vault.linked.lnk_person_records as others on own.person_id = others.person_id
    where list_contains(?, own.record_id)
"""

_RECORDS_WITHOUT_CONTACT = """
    with contacts as (
        select person_id, max(end_date) as last_contact from synchro.compiled.fct_evidence group by person_id
    ),

    listings as (
        select person_id, last_day(max(last_reference_month)) as last_listed
        from synchro.compiled.bridge_person_records
        group by person_id
    )

    select records.record_id
    from synchro.compiled.bridge_person_records as records
    inner join listings on records.person_id = listings.person_id
    left join contacts on records.person_id = contacts.person_id
    -- Who was only listed, without one dated contact, is kept from the last listing on.
    where coalesce(contacts.last_contact, listings.last_listed) < $on - $months * interval 1 month
"""


def _scope(con: duckdb.DuckDBPyConnection, records: Iterable[str]) -> Scope:
    tokens = sorted(records)
    identities = con.execute(
        f"""
        select distinct identity_id
        from vault.identity.record_identities
        inner join vault.identity.identity_encodings using (identity_id)
        where list_contains(?, record_id) and {_COMPLETE}
        order by identity_id
        """,
        [tokens],
    ).fetchall()
    operators = con.execute(
        "select operator, count(*) from vault.identity.local_ids where list_contains(?, record_id)"
        " group by operator order by operator",
        [tokens],
    ).fetchall()
    return Scope(tuple(tokens), tuple(identity for (identity,) in identities), dict(operators))


def _copy_without(settings: Settings, draft: Settings) -> tuple[int, int]:
    """Landed tables in new files, without what tombstones keep out: rows removed, deliveries touched."""
    tombstones = read_tombstones(settings.tombstones)
    with closing(connect_to_write(draft)) as con:
        con.execute(f"attach '{settings.warehouse}' as old_synchro (read_only)")
        con.execute(f"attach '{settings.vault}' as old_vault (read_only)")
        expected = expected_tables(load_contracts(settings.project_dir))
        for statements in missing_statements(present_tables(con), expected).values():
            for statement in statements:
                con.execute(statement)
        _tell_rows_out(con, tombstones.erased, tombstones.purged)
        removed = [
            _copy_extract(con, schema, table)
            for schema, table in con.execute(
                "select schema_name, table_name from duckdb_tables()"
                " where database_name = 'old_synchro' and schema_name like 'raw\\_%' escape '\\'"
                " order by all"
            ).fetchall()
        ]
        for table in ("quarantine", "published_figures"):
            con.execute(f"insert into synchro.raw.{table} by name select * from old_synchro.raw.{table}")
        con.execute(
            "insert into synchro.raw.quarantine by name"
            f" select delivery_id, source_row, null as column_name, '{ERASED_CODE}' as code from removed_rows"
        )
        con.execute(_DELIVERIES_LESS)
        con.execute("insert into vault.identity.vault_info by name select * from old_vault.identity.vault_info")
        con.execute(_IDENTITIES_LESS)
        con.execute(_ENCODINGS_LESS)
        con.execute(_LOCAL_IDS_LESS)
        deliveries = con.execute("select count(distinct delivery_id) from removed_rows").fetchone()[0]
    return sum(removed), deliveries


def _tell_rows_out(con: duckdb.DuckDBPyConnection, erased: Iterable[str], purged: dict[str, date]) -> None:
    """Temporary tables: rows_out (delivery_id, record_id), and those that fill as extracts are copied."""
    con.execute("create temp table stones (token varchar, until date)")
    stones = [*((token, date.max) for token in sorted(erased)), *sorted(purged.items())]
    if stones:
        con.executemany("insert into stones values (?, ?)", stones)
    con.execute(
        """
        create temp table rows_out as
        select identities.delivery_id, identities.record_id
        from old_vault.identity.record_identities as identities
        inner join old_synchro.raw.deliveries as deliveries using (delivery_id)
        inner join stones
            on stones.token in (identities.record_id, identities.identity_id)
            and deliveries.reference_month <= stones.until
        group by all
        """
    )
    con.execute("create temp table removed_rows (delivery_id varchar, source_row integer)")
    con.execute("create temp table kept_records (record_id varchar)")


def _copy_extract(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> int:
    """Copy one landed table without the rows kept out; returns how many those are."""
    old, new = quoted("old_synchro", schema, table), quoted("synchro", schema, table)
    present = present_tables(con)
    if ("synchro", schema, table) not in present:
        # An operator whose contract is gone: what it sent stays.
        con.execute(f"create schema if not exists {quoted('synchro', schema)}")
        con.execute(f"create table {new} as from {old} limit 0")
    if "_record_id" not in present["old_synchro", schema, table]:
        con.execute(f"insert into {new} by name select * from {old}")
        return 0
    is_out = """
        exists (
            select 1 from rows_out
            where rows_out.delivery_id = landed._delivery_id and rows_out.record_id = landed._record_id
        )
        or exists (
            select 1 from stones
            inner join old_synchro.raw.deliveries as deliveries on deliveries.reference_month <= stones.until
            where stones.token = landed._record_id and deliveries.delivery_id = landed._delivery_id
        )
    """
    con.execute(f"insert into removed_rows select _delivery_id, _source_row from {old} as landed where {is_out}")
    con.execute(f"insert into {new} by name select * from {old} as landed where not ({is_out})")
    con.execute(f"insert into kept_records select distinct _record_id from {new} where _record_id is not null")
    return con.execute(f"select (select count(*) from {old}) - (select count(*) from {new})").fetchone()[0]


_DELIVERIES_LESS = """
    insert into synchro.raw.deliveries by name
    select deliveries.* replace (
        deliveries.rows_landed - coalesce(removed.row_count, 0) as rows_landed,
        deliveries.rows_quarantined + coalesce(removed.row_count, 0) as rows_quarantined
    )
    from old_synchro.raw.deliveries as deliveries
    left join (select delivery_id, count(*) as row_count from removed_rows group by delivery_id) as removed
        using (delivery_id)
"""
_IDENTITIES_LESS = """
    insert into vault.identity.record_identities by name
    select identities.*
    from old_vault.identity.record_identities as identities
    anti join rows_out using (delivery_id, record_id)
"""
_ENCODINGS_LESS = """
    insert into vault.identity.identity_encodings by name
    select * from old_vault.identity.identity_encodings
    semi join vault.identity.record_identities using (identity_id)
"""
_LOCAL_IDS_LESS = """
    insert into vault.identity.local_ids by name
    select * from old_vault.identity.local_ids semi join kept_records using (record_id)
"""


def _forget_decisions(settings: Settings, records: Sequence[str]) -> None:
    """Decisions and labels on pairs with an erased record go with it."""
    gone = set(records)
    changed = []
    for name in _SEEDS:
        path = settings.project_dir / "seeds" / "linkage" / name
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        kept = [row for row in rows if not gone & set(row[:2])]
        if len(kept) < len(rows):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([header, *kept])
            changed.append((path, text.getvalue()))
    if changed:
        replace_all(changed)
