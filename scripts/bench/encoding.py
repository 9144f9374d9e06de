"""How long one million distinct identities take to encode: `python scripts/bench/encoding.py [rows]`."""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta

import numpy as np

from synchro.columns import Coded
from synchro.encoding import Encoder, Identities
from synchro.keys import Keys
from synchro.normalise import normalise_name

LAST_NAMES, FIRST_NAMES, DAYS = 200_000, 50_000, 25_000
AIM_SECONDS = 25.0
ONSETS = "b c ch d dj f g h j k kh l m n p ph r s sh t th v w y z br tr dr"
VOWELS = "a e i o u ou é ai"


def made_up_names(count: int, random: np.random.Generator) -> list[str]:
    """Distinct pronounceable names of two to four syllables, some of two words."""
    onsets = np.array(ONSETS.split())
    vowels = np.array(VOWELS.split())
    codas = np.array([*[""] * 6, "n", "r", "l", "s", "m", "t"])
    names: dict[str, None] = {}
    while len(names) < count:
        syllables = [
            np.char.add(
                np.char.add(random.choice(onsets, count), random.choice(vowels, count)), random.choice(codas, count)
            )
            for _ in range(4)
        ]
        lengths = random.integers(2, 5, count)
        for index, length in enumerate(lengths):
            name = "".join(syllables[part][index] for part in range(length)).capitalize()
            names[f"El {name}" if index % 10 == 0 else name] = None
    return list(names)[:count]


def identities(rows: int) -> tuple[list[Coded], Coded]:
    """Columns of `rows` names and dates as typed, drawn with a fixed seed."""
    random = np.random.default_rng(1)
    names = [
        Coded(random.integers(0, count, rows), made_up_names(count, random)) for count in (LAST_NAMES, FIRST_NAMES)
    ]
    days = [(date(1935, 1, 1) + timedelta(days=day)).isoformat() for day in range(DAYS)]
    return names, Coded(random.integers(0, DAYS, rows), days)


def measure(rows: int = 1_000_000) -> float:
    """Seconds to normalise and encode, in one process, caches empty."""
    names, days = identities(rows)
    key = bytes(range(32))
    encoder = Encoder(Keys("bench", key, key[::-1], key))
    start = time.perf_counter()
    last, first = (column.map(normalise_name) for column in names)
    table = encoder.encode(Identities(last, first, Coded.nulls(rows), days)).table
    seconds = time.perf_counter() - start
    print(f"{rows} lignes, {table.num_rows} identités distinctes : {seconds:.1f} s (objectif {AIM_SECONDS:.0f} s)")
    return seconds


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
