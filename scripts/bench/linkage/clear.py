"""Splink on the same fields in clear text, set up as its own guides advise: what the project is measured against.

Names are compared as the loader normalises them, which helps Splink. Last names: exact with term frequencies,
birth name for used name, Jaro-Winkler .92, .88, .7, first name in its place. First names likewise, without the
birth name. Birth dates: exact with term frequencies (a first of January is worth less), one edit, a month, a year,
ten years. Sex and shared numbers: equal or not. u by sampling; prior from three loose deterministic rules; m by
expectation-maximisation under three blocking rules, so that every comparison is trained at least once. Sex is part
of the rule on names: first names tell the sex, which would pass for evidence.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator

from bench.linkage.harness import THRESHOLD

SEED = 1
# Splink's own words: 1e7 "is often adequate whilst testing different model specifications", "at least 1e9 gives
# best results". With the quick one it stops as soon as each level was seen a hundred times.
U_PAIRS, U_PAIRS_ADVISED = 1e7, 1e9
# What the deterministic rules are supposed to find; Splink asks for a guess.
RULES_RECALL = 0.8
SHARED_NUMBERS = ("nur_token", "agdref_token")
# Written by one operator for one record over time: not two records to compare.
_OTHER_RECORD = "l.record_id != r.record_id"

_BLOCKS = (
    ("birth_date",),
    ("last_name", "first_name"),
    ("last_name", "substr(birth_date, 1, 4)"),
    ("last_name", "substr(birth_date, 6, 5)"),
    ("first_name", "substr(birth_date, 1, 7)"),
    ("first_name", "substr(birth_date, 6, 5)"),
    ("substr(last_name, 1, 4)", "substr(first_name, 1, 3)", "substr(birth_date, 1, 4)"),
)
_EM_BLOCKS = (
    ("birth_date",),
    ("last_name", "first_name", "sex"),
    ("first_name", "substr(birth_date, 1, 7)"),
)
_PRIOR_BLOCKS = (
    ("last_name", "first_name", "birth_date"),
    ("last_name", "birth_date", "substr(first_name, 1, 2)"),
    ("first_name", "birth_date", "substr(last_name, 1, 2)"),
)


@dataclass
class ClearLinkage:
    """Splink on a table with unique_id, record_id, last_name, first_name, birth_name, birth_date and, if known, sex
    and shared numbers. A record may have several rows; its pairs are those of its rows, the best one counting.

    model: weights of an earlier training (`trained_model`); without them, train before predicting.
    """

    rows: pd.DataFrame
    model: dict[str, Any] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        warnings.filterwarnings("ignore", module="splink")
        logging.getLogger("splink").setLevel(logging.ERROR)
        self.connection = duckdb.connect(config={"threads": "2"})
        self.api = DuckDBAPI(self.connection)
        rows = self.rows.sort_values("unique_id")  # noqa: F841 (read by DuckDB)
        self.connection.execute("create table clear_rows as from rows")
        table = self.api.register("clear_rows")
        self.linker = Linker(table, self.model or self._settings(), log_level="ERROR")

    def _settings(self) -> SettingsCreator:
        known = [name for name in ("sex", *SHARED_NUMBERS) if self._is_known(name)]
        comparisons = [
            _last_names(self._is_known("birth_name")),
            _first_names(),
            _birth_dates(),
            *map(cl.ExactMatch, known),
        ]
        numbers = [(name,) for name in SHARED_NUMBERS if name in known]
        crossed = _SWAPPED_RULES + (_BIRTH_NAME_RULES if self._is_known("birth_name") else [])
        rules = [*_rules((*_BLOCKS, *numbers)), *crossed]
        return SettingsCreator(
            link_type="dedupe_only",
            comparisons=comparisons,
            blocking_rules_to_generate_predictions=rules,
            retain_matching_columns=False,
            additional_columns_to_retain=["record_id"],
        )

    def _is_known(self, column: str) -> bool:
        return column in self.rows and bool(self.rows[column].notna().any())

    def train(self, u_pairs: float = U_PAIRS) -> ClearLinkage:
        """Estimate u, the prior and m from the list alone."""
        training = self.linker.training
        blocks = [[name for name in block if name in self.rows or "(" in name] for block in _EM_BLOCKS]
        with _timed(self.seconds, "train"):
            training.estimate_u_using_random_sampling(max_pairs=u_pairs, seed=SEED)
            training.estimate_probability_two_random_records_match(_rules(_PRIOR_BLOCKS), recall=RULES_RECALL)
            for rule in _rules(blocks):
                training.estimate_parameters_using_expectation_maximisation(rule)
        return self

    def trained_model(self) -> dict[str, Any]:
        """The weights, for a linkage of its own."""
        return self.linker.misc.save_model_to_json()

    def predict(self) -> ClearLinkage:
        """Pairs of records at the threshold, in the table clear_pairs; then clusters, in clear_clusters."""
        with _timed(self.seconds, "predict"):
            found = self.linker.inference.predict(threshold_match_probability=THRESHOLD)
            self.connection.execute(
                f"""
                create table clear_pairs as
                select
                    least(record_id_l, record_id_r) as record_id_l, greatest(record_id_l, record_id_r) as record_id_r,
                    max(match_probability) as match_probability
                from {found.physical_name} where record_id_l != record_id_r group by all
                """
            )
        with _timed(self.seconds, "cluster"):
            self._cluster()
        return self

    def _cluster(self) -> None:
        from splink.clustering import cluster_pairwise_predictions_at_threshold

        self.connection.execute("create table clear_records as select distinct record_id from clear_rows")
        clusters = cluster_pairwise_predictions_at_threshold(
            self.api.register("clear_records"),
            self.api.register("clear_pairs"),
            self.api,
            node_id_column_name="record_id",
            threshold_match_probability=THRESHOLD,
        )
        self.connection.execute(f"create table clear_clusters as from {clusters.physical_name}")


class _timed:
    """Adds to a dictionary the seconds spent in the block."""

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self.seconds, self.name = seconds, name

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds[self.name] = self.seconds.get(self.name, 0.0) + time.perf_counter() - self.start


def _equal(columns: Sequence[str]) -> str:
    sides = [(column.replace("(", "(l.", 1), column.replace("(", "(r.", 1)) for column in columns if "(" in column]
    sides += [(f"l.{column}", f"r.{column}") for column in columns if "(" not in column]
    return " and ".join([*(f"{left} = {right}" for left, right in sides), _OTHER_RECORD])


def _rules(blocks: Sequence[Sequence[str]]) -> list[str]:
    return [_equal(columns) for columns in blocks]


_SWAPPED_RULES = [f"l.last_name = r.first_name and l.first_name = r.last_name and {_OTHER_RECORD}"]
_BIRTH_NAME_RULES = [
    f"l.birth_name = r.last_name and l.first_name = r.first_name and {_OTHER_RECORD}",
    f"l.last_name = r.birth_name and l.first_name = r.first_name and {_OTHER_RECORD}",
]


def _last_names(with_birth_names: bool) -> cl.CustomComparison:
    exact = cll.ExactMatchLevel("last_name").configure(tf_adjustment_column="last_name")
    birth_name = cll.CustomLevel(
        "birth_name_l = last_name_r or last_name_l = birth_name_r or birth_name_l = birth_name_r",
        label_for_charts="birth name for used name",
    )
    # A level that never occurs would keep the estimate of u from stopping early.
    return _names("last_name", "first_name", [exact, birth_name] if with_birth_names else [exact])


def _first_names() -> cl.CustomComparison:
    return _names(
        "first_name", "last_name", [cll.ExactMatchLevel("first_name").configure(tf_adjustment_column="first_name")]
    )


def _names(column: str, other: str, first_levels: list) -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            *first_levels,
            *(cll.JaroWinklerLevel(column, threshold) for threshold in (0.92, 0.88)),
            cll.CustomLevel(f"{column}_l = {other}_r or {other}_l = {column}_r", label_for_charts="swapped"),
            cll.JaroWinklerLevel(column, 0.7),
            cll.ElseLevel(),
        ],
    )


def _birth_dates() -> cl.DateOfBirthComparison:
    comparison = cl.DateOfBirthComparison("birth_date", input_is_string=True, datetime_format="%Y-%m-%d")
    return comparison.configure(term_frequency_adjustments=True)


def clear_rows(people: pd.DataFrame, identities) -> pd.DataFrame:
    """The rows of a list as Splink is given them: names and dates as the loader reads them, unknown sex as null."""
    rows = pd.DataFrame({"unique_id": people["id"], "record_id": people["id"]})
    for name in ("last_name", "first_name", "birth_name", "birth_date"):
        column = getattr(identities, name)
        rows[name] = column.to_arrow().cast("string").to_pandas()
    if "sex" in people:
        rows["sex"] = people["sex"].where(people["sex"].isin(["female", "male"]), None)
    return rows
