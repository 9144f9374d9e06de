"""What a publication is made of, before a file is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from synchro.artifacts import Artifacts, TableDoc
from synchro.dictionary import EMPTY_TABLE, Dictionary, PublishedTable
from synchro.disclosure import Disclosed
from synchro.export import Column, Pseudonyms, columns_of, in_order, read_table, table_columns
from synchro.publication.edition import edition_of
from synchro.publication.layout import PUBLIC
from synchro.publication.manifest import Manifest
from synchro.publication.plain import plain_table
from synchro.publication.provenance import deliveries_known, inputs_of
from synchro.publication.shelf import Shelf
from synchro.settings import Settings
from synchro.warehouse import connect_read_only

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Content:
    """The tables to hand over, all that is said of them, and what they rest on."""

    tables: dict[str, pa.Table]
    dictionary: Dictionary
    inputs: Manifest
    warnings: list[str]
    exact: dict[str, pd.DataFrame]


@contextmanager
def step(progress: Progress | None, name: str) -> Iterator[None]:
    """A bar for one long step that has no parts to count."""
    if progress:
        progress(name, 0, 1)
    yield
    if progress:
        progress(name, 1, 1)


def read_content(
    settings: Settings,
    artifacts: Artifacts,
    pseudonyms: Pseudonyms,
    shelf: Shelf,
    revise: bool,
    progress: Progress | None,
) -> Content:
    """Read the warehouse's published tables and make of them what the shelf's audience sees.

    Raises SynchroError: NO_DELIVERY, MARTS_NOT_BUILT, NOT_PLAIN, KEY_LEAK, PUBLIC_LIST, PUBLIC_GRID; those of
    `connect_read_only`.
    """
    variables = {**settings.variables, **artifacts.command_vars}
    as_of = str(variables["as_of"])
    columns: dict[str, list[Column]] = {}
    frames: dict[str, pd.DataFrame] = {}
    with closing(connect_read_only(settings)) as warehouse:
        # Identities have no part in a publication: their file is let go before anything is read.
        warehouse.execute("use synchro; detach vault")
        deliveries = deliveries_known(warehouse, as_of)
        inputs = inputs_of(warehouse, as_of, shelf.audience)
        for done, table in enumerate(artifacts.tables, start=1):
            columns[table.name] = table_columns(warehouse, table)
            frames[table.name] = read_table(warehouse, table, columns[table.name], pseudonyms)
            if progress:
                progress("Publication", done, len(artifacts.tables))
    with step(progress if shelf.audience == PUBLIC else None, "Secret statistique"):
        edition = edition_of(frames, shelf, settings.project_dir, variables, revise)
    docs = {table.name: table for table in artifacts.tables}
    tables = {
        name: in_order(plain_table(frame, {column.name: column.data_type for column in columns[name]}), docs[name])
        for name, frame in sorted(edition.tables.items())
    }
    dictionary = Dictionary(
        audience=shelf.audience,
        territory=str(variables["territory"]),
        as_of=as_of,
        deliveries=deliveries,
        dbt_version=artifacts.dbt_version,
        dbt_vars=variables,
        tables=_published_tables(tables, edition, docs, columns),
        disclosure=edition.specification,
    )
    handed_over = {name: table for name, table in tables.items() if table.num_rows}
    return Content(handed_over, dictionary, inputs, edition.warnings, frames)


def _published_tables(
    tables: dict[str, pa.Table], edition: Disclosed, docs: dict[str, TableDoc], columns: dict[str, list[Column]]
) -> list[PublishedTable]:
    published = [
        PublishedTable(
            docs[name],
            columns_of(table, columns[name]),
            table.num_rows,
            None if table.num_rows else EMPTY_TABLE,
        )
        for name, table in tables.items()
    ]
    published += [PublishedTable(docs[name], [], 0, reason) for name, reason in edition.refused.items()]
    return sorted(published, key=lambda table: table.name)
