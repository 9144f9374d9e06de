"""From a person's identity to keyed encodings: what linkage compares, and nobody reads.

Two layers of keys. The operator's (K1) turns a name into HMAC codes or a Bloom filter; the technical
operator's (K2) turns these into what the vault stores. Whoever has the vault and one key only cannot test a
name. Each layer is a class of its own, so that an operator may one day apply the first at home:

    token  = HMAC(K2_field, HMAC(K1_field, message)), cut at 64 or 128 bits
    filter = fold(permute_K2_field(bits set by HMAC(K1_field, bigram)))

Bloom filters (Schnell, Bachteler, Reiher 2009, "Privacy-preserving record linkage using Bloom filters"):
512 bits; the bigrams of the name with a space at both ends of each word; HASHES positions per bigram, cut
from one HMAC each and so independent of one another (Niedermeyer et al. 2014 break the usual double hashing);
then XOR-folded to 256 bits (Schnell, Borgs 2016), which hardens them against pattern mining.

HASHES = 10. A name of 7 letters has 8 bigrams: 14 % of 512 bits are set, 24 % of 256 once folded; first and
last name together 25 % and 38 %. Folding is a XOR, so bits that meet cancel: the more bits are set, the less a
shared bigram shows, and unrelated names already agree by the share of bits set. Measured on 1 500 made-up
last names, Dice similarity of a name and its one-typo variant against that of two names at random:

    HASHES      3           5           8           10          12          15
    Dice        .77 / .15   .77 / .19   .77 / .24   .77 / .27   .77 / .29   .77 / .33
    found *     67 %        56 %        61 %        69 %        68 %        66 %

* share of typos above 99.9 % of the random pairs: with few hashes chance collisions of whole bigrams make the
similarity noisy, with many the floor rises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, reduce
from itertools import pairwise
from operator import or_

import numpy as np
import pyarrow as pa

from synchro.columns import Coded, joint
from synchro.keys import Keys, Mac, sub_key
from synchro.phonetics import fonems, skeletons

ENCODING_VERSION = 1
BITS = 512
FOLDED_WORDS = 4
HASHES = 10
# Nobody: its tokens tell one pair of keys from another.
KNOWN_PERSON = b"PERSONNE FICTIVE 1970-02-03"
# Written for "some day of that year".
PLACEHOLDER_DAYS = ("01-01", "12-31")
# Of a birth date whose year cannot be; month and day may still be right.
UNKNOWN_YEAR = "0000"
FILTERS = ("last_name", "first_name", "names")

IDENTITY_SCHEMA = pa.schema(
    [pa.field("identity_id", pa.string())]
    + [
        pa.field(f"{name}_{part}", pa.int32() if part == "bits" else pa.uint64())
        for name in FILTERS
        for part in ("f0", "f1", "f2", "f3", "bits")
    ]
    + [
        pa.field(name, pa.uint64())
        for name in ("last_name_token", "first_name_token", "birth_name_token", "names_token")
    ]
    + [pa.field(f"{name}_part_tokens", pa.list_(pa.uint64())) for name in ("last_name", "first_name")]
    + [
        pa.field(name, pa.uint64())
        for name in (
            "last_name_fonem",
            "first_name_fonem",
            "last_name_skeleton",
            "first_name_skeleton",
            "birth_date_token",
            "birth_date_swapped_token",
            "birth_year_month_token",
            "birth_year_day_token",
            "birth_month_day_token",
        )
    ]
    + [pa.field("birth_year", pa.int16()), pa.field("birth_date_precision", pa.string())]
)


class OperatorLayer:
    """What K1 does: HMAC codes of messages, and Bloom filters as integers of 512 bits."""

    def __init__(self, key: bytes, territory: str) -> None:
        self.mac: Callable[[str], Mac] = cache(lambda field: sub_key(key, territory, field))
        self._mask: Callable[[str, str], int] = cache(self._bigram_mask)

    def code(self, field: str, message: bytes) -> bytes:
        """First-layer code of a message (32 bytes)."""
        return self.mac(field)(message)

    def filter(self, field: str, name: str) -> int:
        """First-layer Bloom filter of a normalised name: an integer of 512 bits."""
        bits = 0
        for bigram in bigrams(name):
            bits |= self._mask(field, bigram)
        return bits

    def _bigram_mask(self, field: str, bigram: str) -> int:
        return sum(1 << position for position in self.positions(field, bigram))

    def positions(self, field: str, bigram: str) -> set[int]:
        """The bits of one bigram: HASHES numbers of 16 bits from its HMAC, modulo 512 (a power of two)."""
        code = self.mac(f"{field}_bloom")(bigram.encode())
        return {int.from_bytes(code[2 * i : 2 * i + 2], "big") % BITS for i in range(HASHES)}


class VaultLayer:
    """What K2 does to what K1 made."""

    def __init__(self, key: bytes, territory: str) -> None:
        self.mac: Callable[[str], Mac] = cache(lambda field: sub_key(key, territory, field))
        self.permutation: Callable[[str], list[int]] = cache(self._permutation)

    def code(self, field: str, first_code: bytes) -> bytes:
        """Final code (32 bytes), of which `token` keeps 64 bits and `identifier` 128."""
        return self.mac(field)(first_code)

    def token(self, field: str, first_code: bytes) -> int:
        return int.from_bytes(self.code(field, first_code)[:8], "big")

    def identifier(self, field: str, first_code: bytes) -> str:
        return self.code(field, first_code)[:16].hex()

    def filter(self, field: str, bits: int) -> tuple[int, ...]:
        """Final Bloom filter, 4 words of 64 bits: the 512 bits permuted, then folded by XOR."""
        permuted = 0
        for position, target in enumerate(self.permutation(field)):
            permuted |= (bits >> position & 1) << target
        folded = permuted >> BITS // 2 ^ permuted & (1 << BITS // 2) - 1
        return tuple(folded >> 64 * word & 2**64 - 1 for word in range(FOLDED_WORDS))

    def _permutation(self, field: str) -> list[int]:
        """Where each of the 512 bits goes: the ranks of their keyed codes."""
        codes = self.mac(f"{field}_permutation").many([b"%d" % position for position in range(BITS)])
        order = sorted(range(BITS), key=codes.__getitem__)
        ranks = [0] * BITS
        for rank, position in enumerate(order):
            ranks[position] = rank
        return ranks


@dataclass(frozen=True)
class Identities:
    """The identity fields of n rows, already normalised; dates in ISO form, even where no calendar has them."""

    last_name: Coded
    first_name: Coded
    birth_name: Coded
    birth_date: Coded

    @property
    def fields(self) -> tuple[Coded, Coded, Coded, Coded]:
        return (self.last_name, self.first_name, self.birth_name, self.birth_date)


@dataclass(frozen=True)
class Encoded:
    """The identities of n rows: `codes` (n, -1 where every field is missing) index `identity_ids`.

    table: encodings of the identities that were not known before, with IDENTITY_SCHEMA.
    """

    codes: np.ndarray
    identity_ids: list[str]
    table: pa.Table


class Encoder:
    """Both layers at once, over columns: every distinct value of a field is encoded once, whatever the file.

    Its results equal the composition of the two layers, value by value (tested).
    """

    schema = IDENTITY_SCHEMA

    def __init__(self, keys: Keys) -> None:
        self.operator_layer = OperatorLayer(keys.k1, keys.territory)
        self.vault_layer = VaultLayer(keys.k2, keys.territory)
        self._masks: Callable[[str], _Masks] = cache(lambda field: _Masks(self, field))
        # By field. The same persons come back every month; nothing of this outlives the process.
        self._known_tokens: dict[str, dict[str, int]] = {}
        self._known_filters: dict[str, dict[str, bytes]] = {}

    # ------------------------------------------------------------------ tokens

    def codes(self, field: str, messages: list[bytes]) -> list[bytes]:
        """Final 32-byte codes of n messages."""
        return self.vault_layer.mac(field).many(self.operator_layer.mac(field).many(messages))

    def identifiers(self, field: str, messages: list[bytes]) -> list[str]:
        """Keyed tokens of 32 hex digits (identity_id, record_id...)."""
        return [code[:16].hex() for code in self.codes(field, messages)]

    def tokens(self, field: str, texts: Sequence[str]) -> np.ndarray:
        """Keyed tokens of 64 bits (n uint64) of n distinct texts."""
        known = self._known_tokens.setdefault(field, {})
        new = [text for text in texts if text not in known]
        for text, code in zip(new, self.codes(field, [text.encode() for text in new]), strict=True):
            known[text] = int.from_bytes(code[:8], "big")
        return np.fromiter(map(known.__getitem__, texts), dtype=np.uint64, count=len(texts))

    def column_token(self, field: str, column: Coded) -> pa.Array:
        return _picked(self.tokens(field, column.values), column.codes)

    # ----------------------------------------------------------------- filters

    def filters(self, field: str, names: Sequence[str]) -> np.ndarray:
        """Permuted, unfolded Bloom filters of n normalised names: n x 8 words of 64 bits."""
        known, masks = self._known_filters.setdefault(field, {}), self._masks(field)
        for name in names:
            if name not in known:
                bits = reduce(or_, map(masks.__getitem__, bigrams(name)))
                known[name] = bits.to_bytes(BITS // 8, "little")
        packed = b"".join(map(known.__getitem__, names))
        return np.frombuffer(packed, dtype="<u8").reshape(-1, BITS // 64)

    # -------------------------------------------------------------- identities

    def encode(self, identities: Identities, known: Collection[str] = frozenset()) -> Encoded:
        """Number the distinct identities of n rows, and encode those whose id is not already known."""
        codes, first = joint([column.codes for column in identities.fields])
        distinct = [column.take(first) for column in identities.fields]
        is_empty = np.logical_and.reduce([column.is_null for column in distinct])
        ids = self._identity_ids(distinct)
        is_new = ~is_empty & np.array([id_ not in known for id_ in ids], dtype=bool)
        new = np.flatnonzero(is_new)
        last, first_name, birth_name, birth_date = (column.take(new).compact() for column in distinct)
        columns = {"identity_id": pa.array([ids[row] for row in new], pa.string())}
        columns |= self._filter_columns(last, first_name)
        columns |= self._name_columns(last, first_name, birth_name)
        columns |= self._birth_columns(birth_date)
        table = pa.table(columns).select(self.schema.names).cast(self.schema)
        return Encoded(np.append(np.where(is_empty, -1, np.arange(len(ids))), -1)[codes], ids, table)

    def _identity_ids(self, columns: Sequence[Coded]) -> list[str]:
        return self.identifiers("identity_id", messages(columns))

    def _filter_columns(self, last: Coded, first: Coded) -> dict[str, pa.Array]:
        columns: dict[str, pa.Array] = {}
        for field, column in (("last_name", last), ("first_name", first)):
            words = _rows(self.filters(field, column.values), column.codes)
            columns |= self.filter_arrays(field, words, column.is_null)
        both = _rows(self.filters("names", last.values), last.codes)
        both |= _rows(self.filters("names", first.values), first.codes)
        return columns | self.filter_arrays("names", both, last.is_null & first.is_null)

    def filter_arrays(self, field: str, words: np.ndarray, is_null: np.ndarray) -> dict[str, pa.Array]:
        """The columns of one filter from permuted, unfolded words (n x 8)."""
        words = _fold(words)
        arrays = {
            f"{field}_f{word}": pa.array(np.ascontiguousarray(words[:, word]), mask=is_null)
            for word in range(FOLDED_WORDS)
        }
        bits = np.bitwise_count(words).sum(axis=1, dtype=np.int32)
        return arrays | {f"{field}_bits": pa.array(bits, mask=is_null)}

    def _name_columns(self, last: Coded, first: Coded, birth: Coded) -> dict[str, pa.Array]:
        columns = {
            "last_name_token": self.column_token("last_name", last),
            "first_name_token": self.column_token("first_name", first),
            # Under the sub-key of last names: the birth name of one list is the last name of another.
            "birth_name_token": self.column_token("last_name", birth),
            "names_token": self._names_token(last, first, birth),
        }
        for field, column in (("last_name", last), ("first_name", first)):
            columns[f"{field}_part_tokens"] = self._part_tokens(column)
            for kind, sounds in (("fonem", fonems), ("skeleton", skeletons)):
                sound = column.replace(sounds(column.values))
                columns[f"{field}_{kind}"] = self.column_token(f"{field}_{kind}", sound)
        return columns

    def _names_token(self, last: Coded, first: Coded, birth: Coded) -> pa.Array:
        """Token of the sorted set of all parts of the names; null unless last and first name are known."""
        codes, rows = joint([last.codes, first.codes, birth.codes])
        parts = [_parts(column, rows) for column in (last, first, birth)]
        sets = [b" ".join(sorted({*a, *b, *c})) for a, b, c in zip(*parts, strict=True)]
        codes_of_sets = self.codes("names", sets)
        tokens = np.frombuffer(b"".join([code[:8] for code in codes_of_sets]), dtype=">u8").astype(np.uint64)
        return _picked(tokens, np.where(last.is_null | first.is_null, -1, codes))

    def _part_tokens(self, column: Coded) -> pa.Array:
        """Tokens of the parts of each name, sorted: one sub-key for last and first names, for swaps."""
        parts = [sorted(set(name.split(" "))) for name in column.values]
        lengths = np.array([len(part) for part in parts], dtype=np.int32)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        distinct = Coded.from_list([part for name in parts for part in name])
        tokens = self.tokens("name_part", distinct.values)[distinct.codes]
        # The order of the words would be one more thing to read: by token within each name.
        tokens = tokens[np.lexsort((tokens, np.repeat(np.arange(len(parts)), lengths)))]
        lists = pa.ListArray.from_arrays(pa.array(offsets), pa.array(tokens))
        return lists.take(pa.array(column.codes, mask=column.is_null))

    def _birth_columns(self, birth: Coded) -> dict[str, pa.Array]:
        kinds = [precision(day) for day in birth.values]
        swapped = [_swapped(day) if kind == "day" else None for day, kind in zip(birth.values, kinds, strict=True)]
        columns = {
            "birth_date_token": self.column_token("birth_date", birth),
            "birth_date_swapped_token": self.column_token("birth_date", birth.replace(swapped)),
            "birth_year": birth.map(birth_year).to_arrow().cast(pa.int16()),
            "birth_date_precision": pa.array(np.array([*kinds, "missing"], dtype=object)[birth.codes], pa.string()),
        }
        parts = {
            "year_month": lambda year, day: year and year + day[4:7],
            "year_day": lambda year, day: year and year + day[4:5] + day[8:],
            "month_day": lambda year, day: day[5:],
        }
        for name, part in parts.items():
            texts = [
                None if kind == "year" else part(birth_year(day), day)
                for day, kind in zip(birth.values, kinds, strict=True)
            ]
            columns[f"birth_{name}_token"] = self.column_token(f"birth_{name}", birth.replace(texts))
        return columns


class _Masks(dict[str, int]):
    """Bigram -> the bits it sets in the filters of one field, permuted; computed when first met."""

    def __init__(self, encoder: Encoder, field: str) -> None:
        self._positions = encoder.operator_layer.positions
        self._permutation = encoder.vault_layer.permutation(field)
        self._field = field

    def __missing__(self, bigram: str) -> int:
        positions = self._positions(self._field, bigram)
        self[bigram] = sum(1 << self._permutation[position] for position in positions)
        return self[bigram]


def bigrams(name: str) -> Iterable[str]:
    """Pairs of letters of a normalised name, each word with a space on both sides."""
    padded = f" {name} "
    return map("".join, pairwise(padded))


def precision(text: str) -> str:
    """How much a birth date in ISO form tells.

    'year' for a first of January or a 31st of December, which stand for "some day of that year"; 'parts' for a
    day that no calendar has (31 February, month 00, year 0000), one part of which is wrong; 'day' for all others.
    """
    if text[5:] in PLACEHOLDER_DAYS:
        return "year"
    try:
        date.fromisoformat(text)
    except ValueError:
        return "parts"
    return "day"


def messages(columns: Sequence[Coded], prefix: bytes = b"") -> list[bytes]:
    """One message a row from several columns: every value with its length before it, "-" if missing.

    A message can be cut back in one way only, so two different rows never make the same one.
    """
    pieces = [
        [*(b"%d:%b" % (len(text), text) for text in map(str.encode, column.values)), b"-"] for column in columns
    ]
    joined = [prefix + pieces[0][code] for code in columns[0].codes.tolist()]
    for column, texts in zip(columns[1:], pieces[1:], strict=True):
        joined = [start + texts[code] for start, code in zip(joined, column.codes.tolist(), strict=True)]
    return joined


def birth_year(text: str) -> str | None:
    """The year of a birth date in ISO form; None where it is unknown."""
    return None if text.startswith(UNKNOWN_YEAR) else text[:4]


def _swapped(text: str) -> str | None:
    """A certain day with day and month exchanged, if that is one too."""
    swapped = f"{text[:5]}{text[8:]}-{text[5:7]}"
    return swapped if precision(swapped) == "day" else None


def _parts(column: Coded, rows: np.ndarray) -> list[tuple[bytes, ...]]:
    """The words of each row's name; none for a missing one."""
    words = [*(tuple(name.encode().split(b" ")) for name in column.values), ()]
    return [words[code] for code in column.codes[rows].tolist()]


def _picked(values: np.ndarray, codes: np.ndarray) -> pa.Array:
    """values[codes] as an Arrow array, null for the code -1."""
    padded = np.append(values, values.dtype.type(0))
    return pa.array(padded[codes], mask=codes < 0)


def _rows(words: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """words[codes], zero for the code -1 (n x number of words)."""
    return np.vstack([words, np.zeros((1, words.shape[1]), dtype=np.uint64)])[codes]


def _fold(words: np.ndarray) -> np.ndarray:
    """n x 8 words to n x 4: the upper half XOR the lower half."""
    return words[:, :FOLDED_WORDS] ^ words[:, FOLDED_WORDS:]
