"""The SQL of a new operator's harmonised models, column by column of the entity's own contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from synchro.onboarding.drafting import Draft, DraftColumn
from synchro.onboarding.entities import Entity

_MAX_LINE = 100
_FROM_DELIVERY = (
    *("operator", "reference_month", "delivery_id", "received_at"),
    *("record_id", "household_record_id", "birth_year", "birth_date_precision"),
)
_LISTING_IDS = ("contact_id", "stay_listing_id", "request_listing_id")
# Codes that few operators write: the option says them where no column does.
_STATED = ("channel", "request_kind")
# What makes a stay or a request the same one in every delivery, beside the operator and the record.
_LASTING_IDS = {"stay_id": ("entry_date", "structure"), "request_id": ("request_date",)}


@dataclass(frozen=True)
class Harmonised:
    """The model `hrm_<entity>__<operator>` of a draft."""

    draft: Draft
    entity: Entity

    @property
    def name(self) -> str:
        return f"hrm_{self.entity.name}__{self.draft.operator}"

    @property
    def counts_household(self) -> bool:
        """The household's size is counted where nobody states it and households are known."""
        known = self.draft.by_field
        is_counted = "household_id" in known and "household_size" not in known
        return self.entity.name == "records" and is_counted

    @property
    def mapped(self) -> Iterator[tuple[str, DraftColumn]]:
        """(harmonised column, operator's column) of each mapped field that the operator has."""
        for name in (*self.entity.mapped, *filter(self.entity.columns.get, _STATED)):
            column = self.draft.by_field.get(self.entity.field_of(name))
            if column is not None:
                yield name, column

    @property
    def joins(self) -> list[tuple[str, str]]:
        """(field of the mapping, operator's column) to join."""
        return [(self.entity.field_of(name), column.name) for name, column in self.mapped]

    @property
    def expressions(self) -> list[str]:
        """One SQL expression a column, in the order of the contract."""
        return [self._expression(name, kind) for name, kind in self.entity.columns.items()]

    def _expression(self, name: str, kind: str) -> str:
        if name in _FROM_DELIVERY:
            return f"staged.{name}"
        if name in _LISTING_IDS:
            return f"staged.delivery_id || '-' || staged.source_row as {name}"
        if name in _LASTING_IDS:
            return self._lasting_id(name)
        if name == "household_size" and self.counts_household:
            return "cast(staged.household_size as integer) as household_size"
        if name in self.entity.mapped or name in _STATED:
            return self._code(name)
        column = self.draft.by_field.get(self.entity.field_of(name.removesuffix("_source")))
        if column is None:
            return f"cast(null as {kind}) as {name}"
        if kind == "date" and column.type == "datetime":
            return f"cast(staged.{column.name} as date) as {name}"
        return f"staged.{column.name}" + ("" if column.name == name else f" as {name}")

    def _code(self, name: str) -> str:
        column = dict(self.mapped).get(name)
        if column is not None:
            return f"{{{{ mapped_code('{self.entity.field_of(name)}', '{column.name}') }}}} as {name}"
        options = self.draft.options
        stated = {"situation": options.situation, "channel": options.channel, "request_kind": options.request_kind}
        said = stated.get(name)
        return f"'{said or 'not_collected'}' as {name}"

    def _lasting_id(self, name: str) -> str:
        columns = [self.draft.by_field[field] for field in _LASTING_IDS[name] if field in self.draft.by_field]
        parts = ["operator", "record_id", *(column.name for column in columns)]
        inside = f"concat_ws('|', {', '.join(f'staged.{part}' for part in parts)})"
        line = f"md5({inside}) as {name}"
        return line if len(line) + 5 <= _MAX_LINE else f"md5(\n        {inside}\n    ) as {name}"

    # ----------------------------------------------------------------------------------------- unit test

    def unit_test(self) -> dict[str, Any]:
        """What the fixture's rows become: a mapped word its code, another word `unmapped`, a blank `unknown`."""
        mappings = []
        expected: list[dict[str, Any]] = [{"record_id": f"r{place}"} for place in (1, 2, 3)]
        for name, column in self.mapped:
            field = self.entity.field_of(name)
            first = next(iter(column.words.items()), None)
            word, code = (first[0], first[1].code) if first else (None, "unmapped")
            row = {"operator": self.draft.operator, "source_value": word, field: code}
            mappings.append((field, [row] if word else []))
            for place, expectation in enumerate((code, "unmapped", "unknown")):
                expected[place][name] = expectation
        return {"model": self.name, "entity": self.entity.name, "mappings": mappings, "expected": expected}
