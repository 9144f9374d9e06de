"""How an operator writes a person: the true identity, with the errors of a counter, a telephone or a van.

An operator with a file of persons keeps what it first wrote (one identity for a local id, month after
month); the 115 types the name again at each call.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd

from synchro.simulate.parameters import IdentityErrors

UPPER_CASE = frozenset({"syplo", "ccas", "dna"})
NO_ACCENTS = frozenset({"syplo", "dna", "maraude"})
# Share of names typed all in capitals, and all in small letters, by operators with no house rule.
CAPITALS_SHARE = 0.12
SMALL_SHARE = 0.03

_TRANSLITERATIONS = (
    ("ou", "u"), ("kh", "h"), ("sh", "ch"), ("ch", "sh"), ("dj", "j"), ("y", "i"), ("i", "y"), ("ph", "f"),
    ("c", "k"), ("k", "c"), ("gh", "g"), ("w", "ou"), ("q", "k"), ("th", "t"), ("u", "ou"), ("ss", "s"), ("ll", "l"),
    ("mm", "m"), ("nn", "n"), ("ah", "a"), ("el ", "al "), ("ae", "ai"), ("é", "ey"), ("aa", "a"), ("d", "dd"),
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NICKNAMES = {
    "Mohamed": "Momo", "Mohammad": "Mo", "Mamadou": "Mamad", "Abdelkader": "Kader", "Christophe": "Tof",
    "Fatoumata": "Fatou", "Aleksandar": "Sacha", "Ibrahima": "Ibra", "Mustapha": "Mouss", "Nicolas": "Nico",
    "Frédéric": "Fred", "Stéphane": "Steph", "Sébastien": "Seb", "Alexandre": "Alex", "Philippe": "Phil",
}  # fmt: skip

# How often a surname or a birth date is not asked, against the rate of the 115; an office asks for papers.
FORGETFUL = {"maraude": 3.0, "accueil_jour": 1.5, "siao_115": 1.0, "hotel": 0.3, "hebergement": 0.2}
# Whose names are written by ear from another alphabet, or another habit of spelling.
WRITTEN_BY_EAR = ("maghreb", "west_africa", "afghan", "horn_of_africa", "balkan", "other_europe")
# Whose civil status often has a year only.
YEAR_ONLY = ("maghreb", "west_africa", "afghan", "horn_of_africa")

Edit = Callable[[str, np.random.Generator], str]


def write_identities(
    truth: pd.DataFrame, operator: str, errors: IdentityErrors, rng: np.random.Generator
) -> pd.DataFrame:
    """The identity an operator writes for each row of `truth`, same index.

    `truth` has last_name, first_name, birth_name, origin (str) and birth_date (datetime64); so has what is
    returned, with '' and NaT for what is missing.
    """
    written = truth[["last_name", "first_name", "birth_name", "birth_date", "origin"]].copy()
    _use_other_name(written, errors, rng)
    _misspell(written, errors, rng)
    if operator in ("accueil_jour", "maraude"):
        _edit(written, "first_name", errors.nickname, nickname, rng)
    _swap_names(written, errors.swapped_names, rng)
    _spoil_birth_dates(written, errors, rng)
    _forget(written, operator, errors, rng)
    for column in ("last_name", "first_name", "birth_name"):
        written[column] = _house_style(written[column].to_numpy(), operator, rng)
    return written.drop(columns="origin")


def _chosen(count: int, rate: float | np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Places of the rows that get an error of this rate."""
    return np.flatnonzero(rng.random(count) < rate)


def _edit(written: pd.DataFrame, column: str, rate: float | np.ndarray, edit: Edit, rng: np.random.Generator) -> None:
    """Apply `edit` to the share `rate` of a column; only those rows are looped over."""
    values = written[column].to_numpy(dtype=object).copy()
    for place in _chosen(len(values), rate, rng):
        values[place] = edit(values[place], rng)
    written[column] = values


def _use_other_name(written: pd.DataFrame, errors: IdentityErrors, rng: np.random.Generator) -> None:
    """The other name of a married woman, or one part only of a double name."""
    other = rng.random(len(written)) < errors.married_name
    written["last_name"] = np.where(other, written["birth_name"], written["last_name"])
    _edit(written, "last_name", errors.double_name, one_part, rng)
    _edit(written, "first_name", errors.double_name, one_part, rng)


def _misspell(written: pd.DataFrame, errors: IdentityErrors, rng: np.random.Generator) -> None:
    by_ear = written["origin"].isin(WRITTEN_BY_EAR).to_numpy()
    for column in ("last_name", "first_name"):
        _edit(written, column, errors.transliteration * by_ear, transliterate, rng)
        _edit(written, column, np.where(by_ear, errors.typo_foreign, errors.typo), mistype, rng)


def _swap_names(written: pd.DataFrame, rate: float, rng: np.random.Generator) -> None:
    """The first name in the place of the last name."""
    swapped = rng.random(len(written)) < rate
    last, first = written["last_name"].to_numpy(), written["first_name"].to_numpy()
    written["last_name"], written["first_name"] = np.where(swapped, first, last), np.where(swapped, last, first)


def _spoil_birth_dates(written: pd.DataFrame, errors: IdentityErrors, rng: np.random.Generator) -> None:
    """1 January when only the year is known; day and month swapped; a year too much or too little."""
    dates = written["birth_date"].to_numpy().astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")
    rate = errors.first_of_january * written["origin"].isin(YEAR_ONLY).to_numpy()
    dates = np.where(rng.random(len(dates)) < rate, years.astype("datetime64[D]"), dates)
    for place in _chosen(len(dates), errors.day_month_swapped, rng):
        dates[place] = swap_day_and_month(dates[place])
    for place in _chosen(len(dates), errors.year_off_by_one, rng):
        dates[place] = shift_year(dates[place], int(rng.choice([-1, 1])))
    written["birth_date"] = dates.astype("datetime64[s]")


def _forget(written: pd.DataFrame, operator: str, errors: IdentityErrors, rng: np.random.Generator) -> None:
    """A surname or a birth date that was not asked, or not given."""
    factor = FORGETFUL.get(operator, 0.0)
    no_name = rng.random(len(written)) < errors.missing_last_name * factor
    no_date = rng.random(len(written)) < errors.missing_birth_date * factor
    written["last_name"] = np.where(no_name, "", written["last_name"])
    written["birth_name"] = np.where(no_name, "", written["birth_name"])
    written["birth_date"] = written["birth_date"].where(~no_date, pd.NaT)


def _house_style(values: np.ndarray, operator: str, rng: np.random.Generator) -> np.ndarray:
    """Capitals and accents as the operator's software or habits have them."""
    draws = rng.random(len(values))
    if operator in NO_ACCENTS:
        values = without_accents(values)
    if operator in UPPER_CASE:
        return np.array([value.upper() for value in values], dtype=object)
    return np.array(
        [
            value.upper() if draw < CAPITALS_SHARE else value.lower() if draw > 1 - SMALL_SHARE else value
            for value, draw in zip(values, draws, strict=True)
        ],
        dtype=object,
    )


# ------------------------------------------------------------------------------------------ single edits


def without_accents(values: np.ndarray) -> np.ndarray:
    """The names with accents dropped; plain ones are left untouched."""
    return np.array([value if value.isascii() else _plain(value) for value in values], dtype=object)


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode("ascii")


def mistype(name: str, rng: np.random.Generator) -> str:
    """One letter too many, missing, replaced, or exchanged with the next; never in the first place."""
    if len(name) < 4:
        return name
    place = int(rng.integers(1, len(name) - 1))
    letter = _LETTERS[int(rng.integers(len(_LETTERS)))]
    kind = int(rng.integers(4))
    if kind == 0:
        return name[:place] + letter + name[place:]
    if kind == 1:
        return name[:place] + name[place + 1 :]
    if kind == 2:
        return name[:place] + letter + name[place + 1 :]
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def transliterate(name: str, rng: np.random.Generator) -> str:
    """Another usual spelling of a sound; the name itself if none of its sounds has one."""
    small = name.lower()
    usable = [(old, new) for old, new in _TRANSLITERATIONS if old in small]
    if not usable:
        return name
    old, new = usable[int(rng.integers(len(usable)))]
    written = small.replace(old, new, 1)
    return written.title() if name[:1].isupper() else written


def one_part(name: str, rng: np.random.Generator) -> str:
    """The first or the last part of a double name; a particle (El, De, Ait...) is never left alone."""
    parts = name.replace("-", " ").split()
    if len(parts) < 2 or len(parts[0]) < 4:
        return name
    return parts[int(rng.integers(2)) * (len(parts) - 1)]


def nickname(name: str, rng: np.random.Generator) -> str:
    """What the team calls the person: a usual short form, or the first letters."""
    usual = _NICKNAMES.get(name)
    if usual:
        return usual
    return name[: int(rng.integers(3, 5))] + ("o" if rng.random() < 0.3 else "")


def swap_day_and_month(day: np.datetime64) -> np.datetime64:
    """12 May for 5 December; the date itself if that is no date."""
    year, month, number = str(day).split("-")
    return np.datetime64(f"{year}-{number}-{month}") if int(number) <= 12 else day


def shift_year(day: np.datetime64, years: int) -> np.datetime64:
    """The same day of another year (28 February for a 29 February)."""
    year, month, number = str(day).split("-")
    number = "28" if (month, number) == ("02", "29") else number
    return np.datetime64(f"{int(year) + years}-{month}-{number}")
