"""A table is the same rows in every form it is published in, and one digest tells rows apart, not their order."""

from __future__ import annotations

import csv
import hashlib
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synchro.errors import SynchroError
from synchro.publication.database import Described, read_database, write_database
from synchro.publication.plain import digest, plain_table
from synchro.publication.revisions import public_revisions
from synchro.publication.spreadsheet import FORMULA_STARTS, read_csv, write_csv

TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("'=+-@\t\r\n\";,\x00\x1b\x1f")), max_size=6)
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        st.none() | st.dates(),
        st.none() | st.datetimes(min_value=datetime(1000, 1, 1)),
        st.none() | TEXTS,
        st.none() | TEXTS,
    ),
    min_size=1,
    max_size=8,
)
TYPES = [pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us"), pa.string(), pa.string()]
SCHEMA = pa.schema([(f"c{position}", data_type) for position, data_type in enumerate(TYPES)])


def _table(rows: list[tuple]) -> pa.Table:
    columns = [pa.array(values, data_type) for values, data_type in zip(zip(*rows, strict=True), TYPES, strict=True)]
    return pa.table(columns, schema=SCHEMA)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_csv_reads_back_to_the_same_rows(rows: list[tuple]) -> None:
    table = _table(rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_csv(table, path)
        again = read_csv(path, SCHEMA)
        cells = [cell for row in csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";") for cell in row]
    assert digest(again) == digest(table)
    assert all(_is_number(cell) for cell in cells if cell.startswith(FORMULA_STARTS))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS)
def test_a_digest_tells_rows_apart_and_not_their_order(rows: list[tuple], others: list[tuple]) -> None:
    assert digest(_table(rows)) == digest(_table(rows[::-1]))
    is_same = sorted(map(repr, rows)) == sorted(map(repr, others))
    # -0.0 is written like 0.0 by nobody but repr.
    if not any(row[1] == 0 for row in rows + others):
        assert (digest(_table(rows)) == digest(_table(others))) is is_same


def test_a_digest_is_the_one_its_description_gives() -> None:
    moment = datetime(2024, 3, 1, 0, 0, 1)
    table = _table(
        [(7, 1.0, True, date(1970, 1, 2), moment, "a\x1fb", None), (None, None, None, None, None, "", "é")]
    )
    rows = [
        f"7\x1f{0x3FF0000000000000}\x1f1\x1f1\x1f1709251201000000\x1fa\x1b\x1fb\x1f\x00",
        "\x1f".join(["\x00"] * 5 + ["", "é"]),
    ]
    header = "c0 BIGINT\nc1 DOUBLE\nc2 BOOLEAN\nc3 DATE\nc4 TIMESTAMP\nc5 VARCHAR\nc6 VARCHAR"
    digests = sorted(hashlib.sha256(row.encode()).digest() for row in rows)
    assert digest(table) == hashlib.sha256(header.encode() + b"\n" + b"".join(digests)).hexdigest()


def test_what_looks_alike_has_another_digest() -> None:
    columns = [pa.array([None], pa.string()), pa.array([""]), pa.array(["\x00"]), pa.array([1]), pa.array(["1"])]
    columns += [pa.array([1.0]), pa.array([True]), pa.array([], pa.string())]
    digests = {digest(pa.table({"a": column})) for column in columns}
    assert len(digests) == len(columns)
    assert digest(pa.table({"a": ["x"], "b": ["y"]})) != digest(pa.table({"b": ["y"], "a": ["x"]}))


def test_the_database_holds_the_same_rows(tmp_path: Path) -> None:
    table = _table([(1, 0.1, None, date(2024, 2, 29), datetime(2024, 1, 1, 8, 30), "l'été", "'=x")])
    write_database({"t": Described(table, "It's a table", {"c0": "it's a column"})}, tmp_path / "p.duckdb")
    assert {name: digest(read) for name, read in read_database(tmp_path / "p.duckdb").items()} == {"t": digest(table)}


def test_csv_opens_right_in_a_french_spreadsheet(tmp_path: Path) -> None:
    table = _table([(-1, -0.5, True, date(2024, 3, 1), datetime(2024, 3, 1, 8, 30), "=A1", None)])
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == (
        b"\xef\xbb\xbf" + b'"c0";"c1";"c2";"c3";"c4";"c5";"c6"\n'
        b'-1;"-0,5";"vrai";2024-03-01;"2024-03-01 08:30:00";"\'=A1";\n'
    )


def test_types_are_those_that_are_asked_for() -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-03-01"]), "count": [15.0], "empty": [None], "word": ["a"]})
    types = {"day": "DATE", "count": "BIGINT", "empty": "DATE"}
    found = plain_table(frame, types).schema
    assert [str(field.type) for field in found] == ["date32[day]", "int64", "string", "string"]
    with pytest.raises(SynchroError, match="types") as caught:
        plain_table(pd.DataFrame({"count": [15.5]}), {"count": "BIGINT"})
    assert (caught.value.code, "15.5" in str(caught.value)) == ("NOT_PLAIN", False)


def _flows(*rows: tuple[str, float | None, str]) -> dict[str, pd.DataFrame]:
    """Stocks of months: (month, figure, status)."""
    frame = pd.DataFrame(rows, columns=["reference_month", "active_end", "active_end_status"])
    frame["reference_month"] = pd.to_datetime(frame["reference_month"] + "-01")
    return {"ind_monthly_flows": frame.assign(unit="person", segment_type="total", segment="total")}


def _read(table: pd.DataFrame) -> list[tuple]:
    columns = ["first_figure", "current_figure", "reason"]
    figures = table[columns].astype(object).where(table[columns].notna(), None)
    return [
        (f"{month:%Y-%m}", *row)
        for month, row in zip(table.reference_month, figures.itertuples(index=False), strict=True)
    ]


def test_public_revisions_compare_displayed_figures_and_keep_their_reason() -> None:
    key = {"unit": "person", "segment_type": "total", "segment": "total", "indicator": "active_end"}
    reasons = pd.DataFrame([{"reference_month": pd.Timestamp("2024-01-01"), **key, "reason": "correction"}])
    first = _flows(("2024-01", 40, "shown"), ("2024-02", 50, "shown"), ("2024-03", None, "protected"))
    second = _flows(("2024-01", 45, "shown"), ("2024-02", 55, "shown"), ("2024-03", None, "protected"))
    at_first = public_revisions([], first, None, None)
    assert _read(at_first) == [("2024-01", 40, 40, None), ("2024-02", 50, 50, None)]
    revised = public_revisions([first], second, at_first, reasons)
    assert _read(revised) == [("2024-01", 40, 45, "correction"), ("2024-02", 50, 55, "unexplained")]
    # The exact figures moved again and nothing shows: nothing is said.
    later = public_revisions([first, second], second, revised, reasons.assign(reason="linkage"))
    assert _read(later) == _read(revised)
    gone = public_revisions([first, second], _flows(("2024-02", 50, "shown")), revised, reasons)
    assert _read(gone) == [("2024-01", 40, None, "correction"), ("2024-02", 50, 50, None)]
