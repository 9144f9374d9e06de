"""Deliveries encoded at the operator's: names and birth dates never leave, only what K1 made of them.

The operator prepares its file as landing would (types, quarantine, duplicates, masks) with an encoder that stops
after the first layer. Landing puts the second layer on: what is stored equals, row for row, what the file in clear
would have given (tested). First-layer codes travel whole, in a book by field; tables name them by their first bytes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from synchro.columns import Coded
from synchro.contracts import TECHNICAL_COLUMNS, ExtractContract
from synchro.encoding import BITS, ENCODING_VERSION, FILTERS, IDENTITY_SCHEMA, Encoder
from synchro.errors import RejectedFile
from synchro.keys import Keys
from synchro.normalise import NORMALISER_VERSION
from synchro.preparing import Counts, Prepared
from synchro.receipts import NOTES

TOKEN_BYTES, IDENTIFIER_BYTES, CODE_BYTES = 8, 16, 32
# Of each column of tokens, the field whose sub-key made it; others are named after their field.
_FIELDS = {
    "birth_name_token": "last_name",
    "last_name_part_tokens": "name_part",
    "first_name_part_tokens": "name_part",
    "birth_date_swapped_token": "birth_date",
    "_record_id": "record_id",
    "_household_id": "household_id",
}
_IDENTIFIERS = ("identity_id", "record_id", "_record_id", "_household_id")
_FILTER_SCHEMA = pa.schema([pa.field(f"{name}_filter", pa.string()) for name in FILTERS])
_RECORD_IDENTITIES = pa.schema(
    [
        ("record_id", pa.string()),
        ("identity_id", pa.string()),
        ("nur_token", pa.uint64()),
        ("agdref_token", pa.uint64()),
    ]
)
_LOCAL_IDS = pa.schema([("record_id", pa.string()), ("local_id", pa.string())])
_QUARANTINE = pa.schema([("source_row", pa.int32()), ("column_name", pa.string()), ("code", pa.string())])


_CODE = re.compile("[A-Z_]{3,20}")
_OF_A_FILTER = re.compile(f"({'|'.join(FILTERS)})_(f[0-9]|bits)")
_TOKENS_SCHEMA = pa.schema([item for item in IDENTITY_SCHEMA if not _OF_A_FILTER.fullmatch(item.name)])


class FirstLayerEncoder(Encoder):
    """An encoder that stops after K1, and keeps each code whole in `book`."""

    schema = pa.schema([*_TOKENS_SCHEMA, *_FILTER_SCHEMA])

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys)
        self.vault_layer = _NoLayer()
        self.book: dict[str, set[bytes]] = {}

    def codes(self, field: str, messages: list[bytes]) -> list[bytes]:
        codes = self.operator_layer.mac(field).many(messages)
        self.book.setdefault(field, set()).update(codes)
        return codes

    def filter_arrays(self, field: str, words: np.ndarray, is_null: np.ndarray) -> dict[str, pa.Array]:
        texts = [None if blank else row.tobytes().hex() for row, blank in zip(words, is_null, strict=True)]
        return {f"{field}_filter": pa.array(texts, pa.string())}


class _NoLayer:
    def permutation(self, field: str) -> list[int]:
        return list(range(BITS))


# ----------------------------------------------------------------------------------------- at the operator's


def packed(prepared: Prepared, encoder: FirstLayerEncoder, contract: ExtractContract) -> bytes:
    """What travels, as canonical JSON: tables by column, codes, counts, and by which rules they were made."""
    content = {
        "rules": _rules(contract),
        "counts": asdict(prepared.counts),
        "book": {field: sorted(code.hex() for code in codes) for field, codes in encoder.book.items()},
        **{name: getattr(prepared, name).to_pydict() for name in _TABLES},
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


_TABLES = ("rows", "quarantine", "identities", "record_identities", "local_ids")


def _rules(contract: ExtractContract) -> dict[str, Any]:
    return {"contract": contract.digest, "normaliser": NORMALISER_VERSION, "encoding": ENCODING_VERSION}


# ---------------------------------------------------------------------------------------------- at landing


def unpacked(content: bytes, contract: ExtractContract, encoder: Encoder) -> Prepared:
    """What to store, the second layer put on. Raises RejectedFile RULES (other contract or version) or MANIFEST."""
    try:
        document = json.loads(content)
        rules = document["rules"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _malformed() from None
    if rules != _rules(contract):
        todo = "mettre à jour le contrat et l'outil chez l'opérateur, puis refaire la livraison"
        raise RejectedFile("RULES", "livraison encodée selon un autre contrat ou une autre version", todo=todo)
    try:
        return _SecondLayer(document, contract, encoder).result()
    except Exception:  # pyarrow and numpy quote what they were given.
        raise _malformed() from None


def _malformed() -> RejectedFile:
    todo = "refaire la livraison avec `synchro seal`"
    return RejectedFile("MANIFEST", "livraison encodée mal formée", todo=todo)


class _SecondLayer:
    def __init__(self, document: dict[str, Any], contract: ExtractContract, encoder: Encoder) -> None:
        self.document = document
        self.contract = contract
        self.encoder = encoder
        self.final: Callable[[str], dict[bytes, bytes]] = cache(self._final)

    def result(self) -> Prepared:
        prepared = Prepared(
            rows=self._table("rows", self._rows_schema()),
            quarantine=self._table("quarantine", _QUARANTINE),
            identities=self._identities(),
            record_identities=self._table("record_identities", _RECORD_IDENTITIES),
            local_ids=self._table("local_ids", _LOCAL_IDS),
            counts=Counts(**self.document["counts"]),
        )
        self._check(prepared)
        return prepared

    def _check(self, prepared: Prepared) -> None:
        """Raises ValueError unless counts are those of the tables, and codes are codes."""
        counts, quarantine = prepared.counts, prepared.quarantine
        found = (prepared.rows.num_rows, quarantine.num_rows)
        columns = {column.name for column in self.contract.read_columns}
        is_sound = (
            (counts.rows_landed, counts.rows_quarantined) == found
            and counts.rows_in == sum(found) + counts.rows_deduplicated
            and columns.issuperset(quarantine["column_name"].to_pylist())
            and counts.quarantine_codes == Counter(quarantine["code"].to_pylist())
            and all(map(_CODE.fullmatch, counts.quarantine_codes))
            and set(counts.notes) <= set(NOTES)
            and all(isinstance(number, int) and number >= 0 for number in counts.notes.values())
        )
        if not is_sound:
            raise ValueError

    def _rows_schema(self) -> pa.Schema:
        names = [*TECHNICAL_COLUMNS[1:], *(column.name for column in self.contract.value_columns)]
        return pa.schema([(name, pa.int32() if name == "_source_row" else pa.string()) for name in names])

    def _table(self, name: str, schema: pa.Schema) -> pa.Table:
        columns = self.document[name]
        if set(columns) != set(schema.names):
            raise ValueError
        return pa.table({item.name: self._array(item, columns[item.name]) for item in schema})

    def _array(self, item: pa.Field, values: list[Any]) -> pa.Array:
        """Of the same type as `preparing` makes: deliveries of both kinds are stored together."""
        values = self._finished(item, values)
        return Coded.from_list(values).to_arrow() if pa.types.is_string(item.type) else pa.array(values, item.type)

    def _finished(self, item: pa.Field, values: list[Any]) -> list[Any]:
        """The values of a column, its first-layer codes replaced by final ones."""
        if item.name in _IDENTIFIERS:
            codes = self.final(_FIELDS.get(item.name, item.name))
            return [None if text is None else codes[bytes.fromhex(text)].hex() for text in values]
        if pa.types.is_uint64(item.type):
            field = _FIELDS.get(item.name, item.name.removesuffix("_token"))
            return [None if token is None else self._token(field, token) for token in values]
        if pa.types.is_list(item.type):
            field = _FIELDS[item.name]
            return [tokens and sorted(self._token(field, token) for token in tokens) for tokens in values]
        return values

    def _token(self, field: str, token: int) -> int:
        return int.from_bytes(self.final(field)[token.to_bytes(TOKEN_BYTES, "big")], "big")

    def _final(self, field: str) -> dict[bytes, bytes]:
        """First bytes of each first-layer code of a field -> those of its final code, for tokens and identifiers."""
        codes = [bytes.fromhex(text) for text in self.document["book"].get(field, [])]
        if any(len(code) != CODE_BYTES for code in codes):
            raise ValueError
        finals = self.encoder.vault_layer.mac(field).many(codes)
        sizes = (TOKEN_BYTES, IDENTIFIER_BYTES)
        return {code[:size]: final[:size] for code, final in zip(codes, finals, strict=True) for size in sizes}

    # ---------------------------------------------------------------------------------------- filters

    def _identities(self) -> pa.Table:
        columns = dict(self.document["identities"])
        filters = {name: columns.pop(f"{name}_filter") for name in FILTERS}
        tokens = {item.name: self._finished(item, columns.pop(item.name)) for item in _TOKENS_SCHEMA}
        if columns:
            raise ValueError
        arrays: dict[str, Any] = {item.name: pa.array(tokens[item.name], item.type) for item in _TOKENS_SCHEMA}
        for name, texts in filters.items():
            is_null = np.array([text is None for text in texts], dtype=bool)
            arrays |= self.encoder.filter_arrays(name, self._permuted(name, texts), is_null)
        return pa.table(arrays).select(IDENTITY_SCHEMA.names).cast(IDENTITY_SCHEMA)

    def _permuted(self, field: str, texts: list[str | None]) -> np.ndarray:
        """First-layer filters (n texts of 128 hex digits) with their bits moved by K2: n x 8 words of 64 bits."""
        packed_bits = np.frombuffer(b"".join(bytes.fromhex(text or "00" * 64) for text in texts), dtype=np.uint8)
        bits = np.unpackbits(packed_bits.reshape(-1, BITS // 8), axis=1, bitorder="little")
        moved = np.empty_like(bits)
        moved[:, self.encoder.vault_layer.permutation(field)] = bits
        return np.packbits(moved, axis=1, bitorder="little").view("<u8")
