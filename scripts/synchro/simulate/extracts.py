"""From what an operator observes (codes, dates, persons) to the cells of its files, as its contract says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from synchro.contracts import EXCEL_SERIAL, ColumnContract, ExtractContract
from synchro.errors import SynchroError
from synchro.simulate.identities import write_identities
from synchro.simulate.parameters import IdentityErrors

WORDS = Path(__file__).with_name("words.csv")
UNMAPPED = "__unmapped__"
# Share of words that no mapping knows, in the fields that have some: new habits of an operator.
UNMAPPED_RATE = 0.003
# Only the asylum register knows how far a claim has got; the others say where the person sleeps.
SAID_AS = {"asylum_procedure": "asylum_accommodation"}
IDENTITY_COLUMNS = {
    "identity.last_name": "last_name",
    "identity.first_name": "first_name",
    "identity.birth_name": "birth_name",
    "identity.birth_date": "birth_date",
}
RECORD_ROLES = {"record.local_id": "local_id", "household.local_id": "household_local_id"}
# Columns that are known and never stored: harmless words.
FREE_WORDS = {
    "prestations": (
        "douche, petit-déjeuner", "café", "laverie", "petit-déjeuner", "douche", "bagagerie; courrier",
        "rdv travailleur social", "repas chaud, vestiaire", "",
    ),
    "besoins": ("couverture", "soupe, café", "duvet + chaussettes", "soins infirmiers", "écoute", "eau", "", ""),
    "type_etablissement": ("CHRS", "Pension de famille", "Résidence sociale", "IML", "ALT", "", ""),
    "nationalite": ("AFG", "GIN", "ALB", "SOM", "ERI", "GEO", "COD", "SDN", "KOS", "ARM", "CIV", "SYR"),
}  # fmt: skip
EXCEL_EPOCH = np.datetime64("1899-12-30")


def written_extract(
    contract: ExtractContract,
    frame: pd.DataFrame,
    truth: pd.DataFrame,
    errors: IdentityErrors,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All months of an extract, a column of cells for each contracted column, in file order.

    `frame` is one row per row to be written, as observed; `truth` one row per person (last_name, first_name,
    birth_name, birth_date, origin). Returned with month, person and source_row (1 = first data row of the month).
    Cells are what the writers take: text, int, float, datetime64[s] in an xlsx, '' if blank.
    """
    frame = frame.reset_index(drop=True)
    identities = _identities(contract, frame, truth, errors, rng) if contract.has_identity else None
    cells = {"month": frame["month"].to_numpy(), "person": frame["person"].to_numpy()}
    for column in contract.columns:
        cells[column.name] = _cells(contract, column, frame, identities, rng)
    written = pd.DataFrame(cells)
    order = _file_order(contract, frame, rng)
    written = written.iloc[order].reset_index(drop=True)
    written["source_row"] = written.groupby("month").cumcount() + 1
    return written


def _identities(contract, frame, truth, errors, rng) -> pd.DataFrame:
    """What is written of each row's person: once for a local id, anew at each row if there is none."""
    rows = truth.iloc[frame["person"].to_numpy()].reset_index(drop=True)
    if contract.column_with_role("record.local_id") is None:
        return write_identities(rows, contract.operator, errors, rng)
    codes, ids = pd.factorize(frame["local_id"])
    firsts = np.full(len(ids), len(codes))
    np.minimum.at(firsts, codes, np.arange(len(codes)))
    kept = write_identities(rows.iloc[firsts].reset_index(drop=True), contract.operator, errors, rng)
    return kept.iloc[codes].reset_index(drop=True)


def _file_order(contract: ExtractContract, frame: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Months in order; in a month, by date for a list of events, else in the disorder of an export."""
    draws = rng.random(len(frame))
    day = next((column.name for column in contract.value_columns if column.is_date), None)
    if contract.scope == "events" and day:
        return np.lexsort((draws, frame[day].to_numpy(), frame["month"].to_numpy()))
    return np.lexsort((draws, frame["month"].to_numpy()))


def _cells(contract, column: ColumnContract, frame, identities, rng) -> np.ndarray | pd.Series:
    """The cells of one column, by its role and type."""
    is_xlsx = contract.format.type == "xlsx"
    if column.role in IDENTITY_COLUMNS:
        values = identities[IDENTITY_COLUMNS[column.role]]
        return date_cells(values, column.format, is_xlsx) if column.is_date else values.to_numpy(dtype=object)
    if column.role == "ignored":
        return rng.choice(np.array(FREE_WORDS[column.name], dtype=object), len(frame))
    values = frame[RECORD_ROLES.get(column.role, column.name)]
    if column.is_date:
        return date_cells(values, column.format, is_xlsx)
    if column.type == "integer":
        return number_cells(values, is_xlsx)
    if column.vocabulary:
        return _words_of(contract, column, frame, rng)
    return values.fillna("").astype(str).to_numpy(dtype=object)


# ---------------------------------------------------------------------------------------- dates, numbers


def date_cells(values: pd.Series, form: str | None, is_xlsx: bool) -> np.ndarray:
    """Dates as the contract says: text, serial numbers, or true date cells where no format is given."""
    codes, days = pd.factorize(values)
    days = pd.DatetimeIndex(days)
    if form == EXCEL_SERIAL:
        texts = [int(serial) for serial in (days.to_numpy().astype("datetime64[D]") - EXCEL_EPOCH).astype(int)]
    elif form is None and is_xlsx:
        texts = [day.to_pydatetime() for day in days]
    else:
        texts = list(days.strftime(form or "%Y-%m-%d"))
    # The last one answers the code -1 of a missing date.
    return _objects([*texts, ""])[codes]


def number_cells(values: pd.Series, is_xlsx: bool) -> np.ndarray:
    """Whole numbers: cells of numbers in an xlsx, text in a csv."""
    codes, numbers = pd.factorize(values)
    texts = [int(number) if is_xlsx else str(int(number)) for number in numbers]
    return _objects([*texts, ""])[codes]


def _objects(values: list) -> np.ndarray:
    """A one-dimension array that keeps Python's own types."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


# ------------------------------------------------------------------------------------------------- words


@cache
def load_words() -> dict[tuple[str, str], dict[str, tuple[np.ndarray, np.ndarray]]]:
    """(operator, field) -> code -> the words as typed and their probabilities."""
    table = pd.read_csv(WORDS, dtype={"word": str, "code": str}, keep_default_na=False)
    words: dict[tuple[str, str], dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for (operator, field, code), group in table.groupby(["operator", "field", "code"], sort=True):
        weights = group["weight"].to_numpy(dtype=float)
        words.setdefault((operator, field), {})[code] = (
            group["word"].to_numpy(dtype=object),
            weights / weights.sum(),
        )
    return words


def _words_of(contract, column: ColumnContract, frame: pd.DataFrame, rng) -> np.ndarray:
    """The words typed for a column's codes; a listing repeated each month keeps its word."""
    codes = frame[column.name].fillna("").astype(str)
    known = load_words().get((contract.operator, column.vocabulary))
    if known is None:
        return codes.to_numpy(dtype=object)
    if contract.scope == "events" or "local_id" not in frame:
        return draw_words(codes.to_numpy(), known, f"{contract.operator}, {column.name}", rng)
    places, pairs = pd.factorize(codes + "|" + frame["local_id"].astype(str))
    distinct = np.array([pair.split("|", 1)[0] for pair in pairs], dtype=object)
    return draw_words(distinct, known, f"{contract.operator}, {column.name}", rng)[places]


def draw_words(codes: np.ndarray, known: dict, where: str, rng: np.random.Generator) -> np.ndarray:
    """A word for each code ('' stays blank). Raises SynchroError if words.csv has none for a code."""
    typed = np.full(len(codes), "", dtype=object)
    for code in sorted(set(codes) - {""}):
        words = known.get(code) or known.get(SAID_AS.get(code, ""))
        if words is None:
            raise SynchroError("SIMULATION", f"aucun mot pour le code {code}", where, "compléter words.csv")
        places = np.flatnonzero(codes == code)
        typed[places] = rng.choice(words[0], len(places), p=words[1])
    if UNMAPPED in known:
        odd = np.flatnonzero((rng.random(len(codes)) < UNMAPPED_RATE) & (typed != ""))
        typed[odd] = rng.choice(known[UNMAPPED][0], len(odd))
    return typed
