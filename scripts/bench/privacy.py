"""What the vault's encodings give to whoever copies it without a key: `python scripts/bench/privacy.py [persons]`.

The attacker holds the table of identities (IDENTITY_SCHEMA), knows this code and its settings, has neither K1
nor K2, and owns a list of first names with their frequencies. Every attack is a function of these only. Lists:
a public one of French first names (what anybody has), that of as many other persons of the same population
(what an operator has), and the victims' own, with exact frequencies (the best list there can be).

1. Frequency alignment. The most frequent token is the most frequent name, the second the second...
2. Pattern mining on the first-name filters, after Christen, Vidanage, Ranbaduge, Schnell 2018 ("Pattern-mining
   based cryptanalysis of Bloom filters for privacy-preserving record linkage", PAKDD). Bits often set together
   are presumed to be one bigram's; the most frequent such pattern is the most frequent bigram of the list...
   Then every filter is given the one name of the list whose presumed bits it has; the bits of each bigram are
   learned again from these guesses, and so on for ROUNDS rounds.
3. Both: the bits of bigrams are first learned from the most frequent filters, named by alignment. Of several
   numbers of such SEEDS, the attacker keeps that which names most filters: this can be seen without the truth.
4. The same, from KNOWN persons whom the attacker recognises in the vault by other means.

The figures are a floor: another attack may do better, none of these can be undone by a better key.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from bench.keys import BENCH_KEYS
from synchro.columns import Coded
from synchro.encoding import BITS, HASHES, Encoder, Identities, bigrams
from synchro.keys import Keys
from synchro.normalise import normalise_name
from synchro.phonetics import fonems
from synchro.simulate.names import draw_names
from synchro.simulate.population import ORIGINS

PERSONS = 20_000
VICTIMS_SEED = 20
SIMILAR_SEED = 22
# Share of a bigram's holders that have its bit: not all, as bits that meet when folded cancel.
NEARLY_ALL = 0.75
CLEAR_WEIGHT = 0.3  # least weight of a presumed bit in the regression of `learn`
IS_SET, IS_SET_FOLDED_TWICE, IS_SET_TWICE = 0.9, 0.65, 0.97  # chance that a bit is set, by its presumed causes
LOG_ODDS = 3.0  # a guess is 20 times as likely as the next one, or it is not made
PATTERNS = 60
SEEDS = (20, 50, 100)
KNOWN = 50
KNOWN_SEED = 21
ROUNDS = 8

Names = Mapping[str, float]  # the attacker's list: normalised first name -> frequency
Guesses = list[str | None]  # one a row of the table; None where the attacker does not guess


# ------------------------------------------------------------------ victims


def victims(
    persons: int = PERSONS, origins: Sequence[str] = tuple(ORIGINS), seed: int = VICTIMS_SEED
) -> pd.DataFrame:
    """Distinct made-up persons: last_name, first_name (normalised), birth_date (ISO)."""
    rng = np.random.default_rng(seed)
    shares = np.array([ORIGINS[origin] for origin in origins])
    frame = pd.DataFrame(
        {
            "household": np.arange(persons),
            "role": "head",
            "sex": rng.choice(["male", "female"], persons),
            "origin": rng.choice(list(origins), persons, p=shares / shares.sum()),
            "is_married": False,
        }
    )
    names = draw_names(frame, rng)
    days = rng.integers(0, 25_000, persons)
    drawn = pd.DataFrame(
        {
            "last_name": names["last_name"].map(normalise_name),
            "first_name": names["first_name"].map(normalise_name),
            "birth_date": [(date(1938, 1, 1) + timedelta(days=int(day))).isoformat() for day in days],
        }
    )
    return drawn.drop_duplicates(ignore_index=True)


def encode(people: pd.DataFrame, keys: Keys = BENCH_KEYS) -> pa.Table:
    """The vault's table of n distinct persons, row i that of person i."""
    last, first, birth = (Coded.from_list(people[name].tolist()) for name in people.columns)
    return Encoder(keys).encode(Identities(last, first, Coded.nulls(len(people)), birth)).table


def unfolded(people: pd.DataFrame, keys: Keys = BENCH_KEYS) -> pa.Table:
    """What the vault would hold without folding: the 8 words first_name_f0... of n persons."""
    first = Coded.from_list(people["first_name"].tolist())
    words = Encoder(keys).filters("first_name", first.values)[first.codes]
    return pa.table({f"first_name_f{word}": words[:, word] for word in range(words.shape[1])})


# -------------------------------------------------------- the attacker's list


def public_names() -> dict[str, float]:
    """First names of France and their frequency, from data/nam_dict.txt of the package gender-guesser.

    Column 38 holds one hexadecimal digit for France: 10 is 2 % of the population or more, and each step down
    halves it (notes at the head of that file). A `+` in column 30 marks a second spelling of a listed name.
    """
    spec = find_spec("gender_guesser")
    if spec is None or spec.origin is None:
        raise SystemExit("liste publique absente : installer le groupe `bench` (uv sync --group bench)")
    lines = (Path(spec.origin).parent / "data" / "nam_dict.txt").read_text(encoding="utf-8").splitlines()
    names: Counter[str] = Counter()
    for line in lines:
        if line.startswith(("#", "=")) or line[29] == "+" or line[37] == " ":
            continue
        name = normalise_name(line[3:29].strip().replace("+", " "))
        if name:
            names[name] += 0.02 * 2.0 ** (int(line[37], 16) - 10)
    return dict(names)


def exact_names(people: pd.DataFrame) -> dict[str, float]:
    """The victims' own first names and how many bear each: no attacker has a better list."""
    return {str(name): float(count) for name, count in people["first_name"].value_counts().items()}


def ranked(frequencies: Mapping[str, float]) -> list[str]:
    """Most frequent first; equal ones in alphabetical order."""
    return sorted(frequencies, key=lambda text: (-frequencies[text], text))


# -------------------------------------------------------- 1. frequency alignment


def align(values: Sequence[object], names: Sequence[str]) -> Guesses:
    """The guess for each of n values: the name whose rank is that of the value's frequency."""
    counts = Counter(values)
    order = sorted(counts, key=lambda value: (-counts[value], value))
    guess = dict(zip(order, names, strict=False))
    return [guess.get(value) for value in values]


def attack_tokens(table: pa.Table, names: Names) -> Guesses:
    return align(table["first_name_token"].to_pylist(), ranked(names))


def attack_fonems(table: pa.Table, names: Names) -> Guesses:
    """Alignment of sounds; of the names of one sound, the most frequent is guessed."""
    sounds: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    order = ranked(names)
    for name, sound in zip(order, fonems(order), strict=True):
        sounds[sound] += names[name]
        spelling.setdefault(sound, name)
    return align(table["first_name_fonem"].to_pylist(), [spelling[sound] for sound in ranked(sounds)])


# ---------------------------------------------------------- 2. pattern mining


@dataclass(frozen=True)
class Filters:
    """Distinct first-name filters: bits (m x width, 0 or 1), bearers (m), and the one of each row (n)."""

    bits: np.ndarray
    bearers: np.ndarray
    of_row: np.ndarray

    @classmethod
    def of(cls, table: pa.Table) -> Filters:
        """Most borne first, as many words of 64 bits as the table has."""
        columns = sorted(name for name in table.column_names if re.fullmatch(r"first_name_f\d", name))
        words = np.stack([table[name].to_numpy().astype("<u8") for name in columns], axis=1)
        distinct, of_row, bearers = np.unique(words, axis=0, return_inverse=True, return_counts=True)
        order = np.argsort(-bearers, kind="stable")
        bits = np.unpackbits(distinct[order].view(np.uint8), axis=1, bitorder="little")
        return cls(bits.astype(np.float32), bearers[order], np.argsort(order)[of_row.ravel()])

    def guesses(self, names: Sequence[str | None]) -> Guesses:
        """From one name a distinct filter to one a row."""
        return [names[place] for place in self.of_row]


@dataclass(frozen=True)
class Dictionary:
    """The attacker's k names and b bigrams: `holds` (k x b, 0 or 1)."""

    names: list[str]
    bigrams: list[str]
    holds: np.ndarray
    frequencies: np.ndarray

    @classmethod
    def of(cls, names: Names) -> Dictionary:
        order = ranked(names)
        parts = [sorted(set(bigrams(name))) for name in order]
        numbers = {pair: number for number, pair in enumerate(sorted({pair for part in parts for pair in part}))}
        holds = np.zeros((len(order), len(numbers)), dtype=np.float32)
        for row, part in enumerate(parts):
            holds[row, [numbers[pair] for pair in part]] = 1
        return cls(order, list(numbers), holds, np.array([names[name] for name in order]))


def learn(filters: Filters, words: Dictionary, guesses: Sequence[str | None]) -> np.ndarray:
    """Presumed bits of each bigram (b x width, 0 or 1), from the names presumed of m distinct filters.

    The paper takes the bits common to all filters of the names that hold the bigram. Folding takes some away
    and bigrams that go together add some: here the HASHES bits set in NEARLY_ALL of these filters whose weight
    is highest in a ridge regression of the bits on the bigrams, (H'H + 1)^-1 H'B. A bigram needs two filters.
    """
    numbers = {name: number for number, name in enumerate(words.names)}
    guessed = [(place, numbers[name]) for place, name in enumerate(guesses) if name in numbers]
    masks = np.zeros((len(words.bigrams), filters.bits.shape[1]), dtype=np.float32)
    if not guessed:
        return masks
    places, rows = np.array(guessed).T
    holds, bits = words.holds[rows], filters.bits[places]
    holders, totals = holds.sum(axis=0), holds.T @ bits
    weights = np.linalg.solve(holds.T @ holds + np.eye(len(holders)), totals)
    weights[totals < NEARLY_ALL * np.maximum(holders, 1)[:, None]] = 0
    best = np.argsort(-weights, axis=1, kind="stable")[:, :HASHES]
    is_clear = np.take_along_axis(weights, best, axis=1) > CLEAR_WEIGHT
    np.put_along_axis(masks, best, is_clear.astype(np.float32), axis=1)
    masks[holders < 2] = 0
    return masks


def decode(filters: Filters, words: Dictionary, masks: np.ndarray) -> list[str | None]:
    """The one name of the list that each of m distinct filters has the bits of, or None.

    Naive Bayes, with the list's frequencies as prior. None where a second name is not LOG_ODDS behind, or where
    the filter looks no more like the name than like any filter of as many bits (its name may not be listed).
    """
    chances = _chances(words, masks)
    slopes = np.log(chances / (1 - chances)).astype(np.float32)
    priors = np.log1p(-chances).sum(axis=1) + np.log(words.frequencies / words.frequencies.sum())
    guesses: list[str | None] = []
    for start in range(0, len(filters.bits), 1000):
        bits = filters.bits[start : start + 1000]
        score = bits @ slopes.T + priors
        best, every = score.argmax(axis=1), np.arange(len(bits))
        top = score[every, best]
        score[every, best] = -np.inf
        is_sure = top - np.maximum(score.max(axis=1, initial=-np.inf), _any_filter(bits)) > LOG_ODDS
        guesses += [words.names[name] if sure else None for name, sure in zip(best, is_sure, strict=True)]
    return guesses


def _chances(words: Dictionary, masks: np.ndarray) -> np.ndarray:
    """Chance that each bit is set in the filter of each name (k x width), a XOR where two bigrams meet.

    Bigrams with less than half their bits learned may set any bit: HASHES of `width` each.
    """
    width = masks.shape[1]
    is_known = masks.sum(axis=1) >= HASHES / 2
    times = words.holds @ (masks * is_known[:, None])
    unknown = (words.holds @ (~is_known).astype(np.float32))[:, None]
    twice = IS_SET_TWICE if width >= BITS else IS_SET_FOLDED_TWICE
    chances = np.select([times == 0, times == 1], [1 - (1 - HASHES / width) ** unknown, IS_SET], twice)
    return np.clip(chances, 1 - IS_SET_TWICE, IS_SET_TWICE)


def _any_filter(bits: np.ndarray) -> np.ndarray:
    """Log-likelihood of m filters whose bits are set at random, each filter at its own rate."""
    rate = np.clip(bits.mean(axis=1), 0.01, 0.99)
    return bits.shape[1] * (rate * np.log(rate) + (1 - rate) * np.log1p(-rate))


def refine(filters: Filters, words: Dictionary, masks: np.ndarray, seeds: Mapping[int, str]) -> Guesses:
    """Guess names from bits and bits from names, up to ROUNDS times. `seeds`: names presumed of some filters."""
    guesses = decode(filters, words, masks)
    for _ in range(ROUNDS - 1):
        presumed = [name or seeds.get(place) for place, name in enumerate(guesses)]
        before, guesses = guesses, decode(filters, words, learn(filters, words, presumed))
        if guesses == before:
            break
    return filters.guesses(guesses)


def patterns(filters: Filters) -> np.ndarray:
    """Up to PATTERNS sets of HASHES bits often set together (p x width, 0 or 1), most frequent first.

    For each bit those it correlates best with, over distinct filters; of two sets that share half their bits,
    the more correlated. A set's frequency: the bearers of the filters that have NEARLY_ALL of it.
    """
    varies = filters.bits.std(axis=0) > 0
    phi = np.zeros((len(varies), len(varies)))
    phi[np.ix_(varies, varies)] = np.corrcoef(filters.bits[:, varies].T)
    nearest = np.argsort(-phi, axis=1, kind="stable")[:, :HASHES]
    strength = np.take_along_axis(phi, nearest, axis=1).mean(axis=1)
    kept: list[frozenset[int]] = []
    for bit in np.argsort(-strength, kind="stable"):
        found = frozenset(nearest[bit].tolist())
        if len(kept) < PATTERNS and all(len(found & other) <= HASHES / 2 for other in kept):
            kept.append(found)
    masks = np.zeros((len(kept), len(varies)), dtype=np.float32)
    for row, found in enumerate(kept):
        masks[row, sorted(found)] = 1
    frequency = filters.bearers @ (filters.bits @ masks.T >= NEARLY_ALL * HASHES)
    return masks[np.argsort(-frequency, kind="stable")]


def attack_filters(table: pa.Table, names: Names) -> Guesses:
    """Pattern mining alone: the patterns are aligned to the bigrams of the list, rank by rank."""
    filters, words = Filters.of(table), Dictionary.of(names)
    found = patterns(filters)
    order = np.argsort(-(words.frequencies @ words.holds), kind="stable")[: len(found)]
    masks = np.zeros((len(words.bigrams), filters.bits.shape[1]), dtype=np.float32)
    masks[order] = found[: len(order)]
    return refine(filters, words, masks, {})


# ------------------------------------------------------------- 3 and 4. seeded


def attack_filters_seeded(table: pa.Table, names: Names) -> Guesses:
    """Pattern mining from the most frequent filters, named by frequency alignment."""
    filters, words = Filters.of(table), Dictionary.of(names)
    tried = [_from_seeds(filters, words, dict(enumerate(words.names[:seeds]))) for seeds in SEEDS]
    return max(tried, key=lambda guesses: sum(name is not None for name in guesses))


def attack_filters_known(table: pa.Table, names: Names, known: Mapping[int, str]) -> Guesses:
    """Pattern mining from known persons: row of the table -> first name."""
    filters = Filters.of(table)
    extended = {name: min(names.values()) for name in known.values()} | dict(names)
    seeds = {int(filters.of_row[row]): name for row, name in known.items()}
    return _from_seeds(filters, Dictionary.of(extended), seeds)


def _from_seeds(filters: Filters, words: Dictionary, seeds: Mapping[int, str]) -> Guesses:
    first = [seeds.get(place) for place in range(len(filters.bits))]
    return refine(filters, words, learn(filters, words, first), seeds)


# ------------------------------------------------------------------- measures


@dataclass(frozen=True)
class Score:
    """Shares of identities guessed right and wrong, and of distinct first names always guessed right."""

    right: float
    wrong: float
    distinct: float

    @classmethod
    def of(cls, guesses: Guesses, truth: Sequence[str]) -> Score:
        frame = pd.DataFrame({"truth": list(truth), "guess": pd.Series(guesses, dtype=object)})
        is_right = frame["guess"].eq(frame["truth"])
        wrong = (frame["guess"].notna() & ~is_right).mean()
        return cls(float(is_right.mean()), float(wrong), float(is_right.groupby(frame["truth"]).all().mean()))


def commonest(table: pa.Table, names: Names) -> Guesses:
    """The baseline: everybody bears the commonest name of the list."""
    return [ranked(names)[0]] * table.num_rows


def knowing(people: pd.DataFrame, persons: int = KNOWN) -> dict[int, str]:
    """`persons` rows drawn with a fixed seed, and their first names."""
    rows = np.random.default_rng(KNOWN_SEED).choice(len(people), persons, replace=False)
    return {int(row): str(people["first_name"].iloc[row]) for row in rows}


def scores(people: pd.DataFrame, names: Names) -> dict[str, Score]:
    """Every attack on n persons with one list, by label."""
    table, bare, known = encode(people), unfolded(people), knowing(people)
    attacks: dict[str, Callable[[], Guesses]] = {
        "toujours le prénom le plus fréquent": lambda: commonest(table, names),
        "1. rangs, first_name_token": lambda: attack_tokens(table, names),
        "1. rangs, first_name_fonem": lambda: attack_fonems(table, names),
        "2. motifs, filtres du coffre": lambda: attack_filters(table, names),
        "2. motifs, filtres non pliés": lambda: attack_filters(bare, names),
        "3. rangs + motifs, filtres du coffre": lambda: attack_filters_seeded(table, names),
        "3. rangs + motifs, filtres non pliés": lambda: attack_filters_seeded(bare, names),
        f"4. {KNOWN} connus + motifs, coffre": lambda: attack_filters_known(table, names, known),
    }
    truth = people["first_name"].tolist()
    return {label: Score.of(attack(), truth) for label, attack in attacks.items()}


def scenarios(persons: int) -> dict[str, tuple[pd.DataFrame, Names]]:
    """Victims and list of each column of the printed table, by title."""
    people, french, public = victims(persons), victims(persons, ("french",)), public_names()
    return {
        "publique": (people, public),
        "publique*": (french, public),
        "semblable": (people, exact_names(victims(persons, seed=SIMILAR_SEED))),
        "exacte": (people, exact_names(people)),
    }


def measure(persons: int = PERSONS) -> None:
    """Print the shares of every attack with every list."""
    cases = scenarios(persons)
    found = {title: scores(people, names) for title, (people, names) in cases.items()}
    print(f"{persons} identités. % d'identités : prénom juste, faux ; % de prénoms distincts toujours justes")
    print(" " * 36 + "".join(f"{title:>20}" for title in cases))
    listed = [people["first_name"].isin(list(names)).mean() for people, names in cases.values()]
    print(f"{'prénom présent dans la liste':36}" + "".join(f"{100 * share:8.1f}{'':12}" for share in listed))
    for label in next(iter(found.values())):
        cells = (found[title][label] for title in cases)
        print(
            f"{label:36}" + "".join(f"{100 * c.right:8.1f}{100 * c.wrong:6.1f}{100 * c.distinct:6.1f}" for c in cells)
        )
    print("* victimes toutes d'origine française")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else PERSONS)
