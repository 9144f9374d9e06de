"""`synchro train`: the weights of linkage, estimated with Splink on the landed data, without any label.

Fellegi & Sunter 1969 ("A theory for record linkage"): m is the share of the pairs of records of one person at a
level of a comparison, u that of the pairs of two persons; the match weight is log2(m / u).

1. u: Splink, on random pairs.
2. m: Splink, by expectation maximisation, in the pairs that share a birth date, then in those that share the
   sound of the last name, then in those that share the consonants of the first name. Two comparisons at least are
   free in each, for the share of matches and the m of a single one cannot be told apart.
3. m is smoothed: SMOOTHING of the matches are spread evenly over the levels. Estimated on one list, the m of a
   rare level is often next to nothing, and one typing error would then outweigh every agreement.
4. Random pairs hold matches, share by share: u = (share - prior * m) / (1 - prior). The prior is the expected
   share of matches among all pairs under the weights, which depend on it: both are repeated until they settle.

5. Households: by the same rounds, the expected share of the matches, and of all other pairs, that are of one
   household or of two linked ones. What a household explains by itself is not counted twice (lnk_weighed_pairs).

Names exchanged and misspelt (`crossed`) are seen in both names at once: they are learnt and counted with the last
name alone (`SILENT`). A level that the data never shows keeps the weight in force, and so do the shared numbers,
which too few pairs have for EM to learn from. Two writings that differ and are both confirmed by other records
(`HELD`) keep their m, so that EM does not take twins for one person; their u is learnt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.comparison_library import CustomComparison

from synchro.errors import SynchroError
from synchro.files import replace_all
from synchro.settings import Settings, find_project
from synchro.warehouse import connect_read_only

SEEDS = Path("seeds") / "linkage"
SAMPLED_PAIRS = 5e6
SESSION_PAIRS = 2e6
SESSIONS = (
    "l.birth_date_token = r.birth_date_token",
    "l.last_name_fonem = r.last_name_fonem",
    "l.first_name_skeleton = r.first_name_skeleton",
)
SMOOTHING = 0.02
# Past these, a level that no match shows goes under the 1e-300 that Splink refuses; the others have settled.
ITERATIONS = 15
TRAINED = ("last_name", "first_name", "birth_date", "sex")
# A comparison is trained where this many records have what it compares.
LEAST_RECORDS = 500
ROUNDS, SETTLED = 200, 1e-9
# Other records of the same person that a record has on average: outside, the weights explain something else.
PLAUSIBLE_MATCHES = (0.01, 50.0)
AGREEMENT, DISAGREEMENT = ("exact", "same"), "different"
# Two writings that differ, each confirmed by another record, are two persons: EM would take twins for matches.
HELD = "different_confirmed"
# Names exchanged and misspelt are seen in both names at once: they count once, with the last name.
SILENT = {("first_name", "crossed")}

Progress = Callable[[str, int, int], None]
Levels = dict[str, list[tuple[str, str]]]  # comparison -> (level, SQL condition), the strictest first


@dataclass(frozen=True)
class LinkModel:
    """Weights and prior.

    weights: comparison, comparison_level, m_probability, u_probability; every level of every comparison.
    matches_per_record: other records of the same person that a record has on average.
    histogram: match weight (whole bits, lower bound) -> number of compared pairs, term frequencies aside.
    """

    weights: pd.DataFrame
    matches_per_record: float
    record_count: int
    seed: int
    histogram: pd.Series


def comparison_levels(project_dir: Path) -> Levels:
    """The levels of each comparison, from the macros that dbt itself uses, in Splink's way of naming columns."""
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 - SQL, not HTML

    class Returned(Exception):
        pass

    def give(value: Any) -> None:
        raise Returned(value)

    names: dict[str, Any] = {"return": give}

    def macro(name: str) -> Callable[..., Any]:
        def call(*arguments: str) -> Any:
            source = (project_dir / "macros" / f"{name}.sql").read_text(encoding="utf-8")
            module = environment.from_string(source).make_module(names)
            try:
                return str(getattr(module, name)(*arguments))
            except Returned as returned:
                return returned.args[0]

        return call

    levels = ("name_levels", "last_name_levels", "first_name_levels", "birth_date_levels", "equality_levels")
    for name in ("shared_bits", "dice", *levels):
        names[name] = macro(name)
    return {
        comparison: [(name, re.sub(r"records_([lr])\.(\w+)", r'"\2_\1"', condition)) for name, condition in levels]
        for comparison, levels in macro("linkage_comparisons")().items()
    }


def train(
    connection: duckdb.DuckDBPyConnection,
    seed: int = 1,
    weights: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> LinkModel:
    """Estimate weights and prior from what the linkage compares (records, pairs, household pairs). Writes nothing.

    weights: those in force, kept for what the data cannot teach; by default the project's seed.
    Same records, same seed: same weights, whatever the number of threads.
    Raises SynchroError: TOO_FEW_RECORDS, IMPLAUSIBLE_PRIOR, INVERTED_WEIGHT.
    """
    project_dir = find_project()
    in_force = _indexed(pd.read_csv(project_dir / SEEDS / "link_weights.csv") if weights is None else weights)
    threads = connection.execute("select current_setting('threads')").fetchone()[0]
    # Sums of floats depend on how the work is shared.
    connection.execute("set threads = 1")
    try:
        counts = _make_training_records(connection)
        levels = comparison_levels(project_dir)
        levels = {name: levels[name] for name in TRAINED if counts[name] >= LEAST_RECORDS}
        if not {*TRAINED} - {"sex"} <= levels.keys():
            raise SynchroError(
                "TOO_FEW_RECORDS",
                f"Trop peu de fiches pour apprendre des poids (il en faut {LEAST_RECORDS} avec nom et naissance)",
                todo="garder les poids fournis",
            )
        shares = _splink_shares(connection, levels, in_force, seed, progress)
        patterns = _patterns(connection, list(levels))
        household_pairs = _household_pairs(connection)
    finally:
        connection.execute("drop table if exists training_records")
        connection.execute(f"set threads = {threads}")
    model = _settled(in_force, shares, patterns, counts["records"], seed, household_pairs)
    _check(model)
    return model


def _make_training_records(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """One row per record, by its first identity; returns how many records have each thing that is compared."""
    connection.execute(
        """
        create or replace temp table training_records as
        select
            records.*,
            confirmed.spelling_number is not null as is_name_confirmed,
            coalesce(confirmed.is_identity_confirmed, false) as is_identity_confirmed
        from vault.linked.lnk_records as records
        left join vault.linked.lnk_confirmed_writings as confirmed
            on records.spelling_number = confirmed.spelling_number
        qualify row_number() over (partition by records.record_id order by records.identity_id) = 1
        order by records.record_id
        """
    )
    columns = {
        "records": "*",
        "last_name": "last_name_token",
        "first_name": "first_name_token",
        "birth_date": "birth_date_token",
        "sex": "known_sex",
    }
    counts = ", ".join(f"count({column}) as {name}" for name, column in columns.items())
    row = connection.execute(f"select {counts} from training_records").fetchone()
    return dict(zip(columns, row, strict=True))


def _splink_shares(
    connection: duckdb.DuckDBPyConnection,
    levels: Levels,
    in_force: pd.DataFrame,
    seed: int,
    progress: Progress | None,
) -> pd.DataFrame:
    """m and u as Splink estimates them, by comparison and level; missing where it saw none."""
    comparisons = [
        CustomComparison(
            output_column_name=comparison,
            comparison_levels=[
                {"sql_condition": "ELSE" if condition == "true" else condition, "label_for_charts": name}
                | ({"is_null_level": True} if (comparison, name) in SILENT or name == "missing" else {})
                | (
                    {"m_probability": in_force["m_probability"][comparison, name], "fix_m_probability": True}
                    if name == HELD
                    else {}
                )
                for name, condition in found
            ],
        )
        for comparison, found in levels.items()
    ]
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="record_id", comparisons=comparisons, max_iterations=ITERATIONS
    )
    linker = Linker(DuckDBAPI(connection=connection).register("training_records"), settings, log_level="ERROR")
    training, steps = linker.training, len(SESSIONS) + 1
    training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=seed, min_count_per_level=None)
    _advance(progress, 1, steps)
    for step, rule in enumerate(SESSIONS, 2):
        try:
            training.estimate_parameters_using_expectation_maximisation(
                rule, max_pairs=SESSION_PAIRS, record_sample_proportion=1.0
            )
        except ValueError as error:
            # Splink refuses an m under 1e-300: with few pairs, a level that no match shows.
            raise SynchroError(
                "TOO_FEW_RECORDS",
                "Trop peu de paires de fiches pour apprendre des poids : un accord n'y est jamais vu",
                todo="garder les poids en vigueur",
            ) from error
        _advance(progress, step, steps)
    rows = [
        (
            found["output_column_name"],
            level["label_for_charts"],
            level.get("m_probability"),
            level.get("u_probability"),
        )
        for found in linker.misc.save_model_to_json()["comparisons"]
        for level in found["comparison_levels"]
        if not level.get("is_null_level")
    ]
    return _indexed(pd.DataFrame(rows, columns=["comparison", "comparison_level", "m", "u"])).astype(float)


def _advance(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress("Apprentissage des poids", done, total)


def _patterns(connection: duckdb.DuckDBPyConnection, comparisons: list[str]) -> pd.DataFrame:
    """The compared pairs, counted by what agrees, households included."""
    columns = "".join(f"{comparison}_level as {comparison}, " for comparison in comparisons)
    query = f"""
        select {columns}
            case
                when pairs.household_l = pairs.household_r then 'same'
                when households.household_l is not null then 'linked'
                else 'missing'
            end as household,
            count(*) as pair_count
        from vault.linked.lnk_compared_pairs as pairs
        left join vault.linked.lnk_household_pairs as households
            on households.household_l = least(pairs.household_l, pairs.household_r)
            and households.household_r = greatest(pairs.household_l, pairs.household_r)
        group by all order by all
    """
    return connection.execute(query).df()


def _household_pairs(connection: duckdb.DuckDBPyConnection) -> pd.Series:
    """How many pairs of records, compared or not, are of one household, or of two that are linked."""
    row = connection.execute(
        """
        with sizes as (
            select household_number, count(*) as size from training_records
            where household_number is not null group by all
        )
        select
            (select coalesce(sum(size * (size - 1)) / 2, 0) from sizes),
            (
                select coalesce(sum(l.size * r.size), 0) from vault.linked.lnk_household_pairs as pairs
                inner join sizes as l on pairs.household_l = l.household_number
                inner join sizes as r on pairs.household_r = r.household_number
            )
        """
    ).fetchone()
    return pd.Series(row, index=["same", "linked"], dtype=float)


def _settled(
    in_force: pd.DataFrame,
    shares: pd.DataFrame,
    patterns: pd.DataFrame,
    records: int,
    seed: int,
    household_pairs: pd.Series | None = None,
) -> LinkModel:
    """Smoothed m, u freed of matches, what households weigh, and the prior that goes with them.

    household_pairs: level -> number of all pairs of records at that level; too few keep the weight in force.
    """
    all_pairs = records * (records - 1) / 2
    learnt = shares.index.get_level_values("comparison").unique()
    is_held = shares.index.get_level_values("comparison_level") == HELD
    held = in_force["m_probability"].reindex(shares.index).where(is_held, 0.0)
    m = shares["m"].where(~is_held, 0.0).fillna(0)
    size = (~pd.Series(is_held, shares.index)).groupby(level="comparison").transform("sum")
    m = (m / _total(m) + SMOOTHING / size) / (1 + SMOOTHING)
    m = m.where(~is_held, 0.0)
    m = m * (1 - _total(held)) + held
    seen = (shares["m"].notna() | is_held) & shares["u"].notna()
    # Under one pair in the sample, nothing is known but that it is rare.
    share = shares["u"].fillna(0).clip(lower=1 / SAMPLED_PAIRS)
    kept = in_force["u_probability"].div(in_force["m_probability"]).reindex(shares.index)
    households = in_force.loc[["household"]].droplevel("comparison") if "household" in patterns else None
    totals = pd.Series(dtype=float) if household_pairs is None else household_pairs[household_pairs >= LEAST_RECORDS]
    prior = records / 2 / all_pairs
    for _ in range(ROUNDS):
        u = ((share - prior * m) / (1 - prior)).clip(lower=share * SMOOTHING).where(seen, m * kept)
        weight = np.log2(m / u)
        found = _crossed_once({name: patterns[name].map(weight[name]).fillna(0.0) for name in learnt}, patterns)
        if households is not None:
            household_weight = np.log2(households["m_probability"] / households["u_probability"])
            found = _under_one_roof(found, patterns, household_weight)
        pattern_weight = np.log2(prior / (1 - prior)) + sum(found.values())
        matches = patterns["pair_count"] / (1 + np.exp2(-pattern_weight))
        expected = float(matches.sum())
        if households is not None and len(totals):
            of_level = matches.groupby(patterns["household"]).sum().reindex(totals.index).fillna(0.0)
            others = (totals - of_level).clip(lower=totals * SMOOTHING)
            households.loc[totals.index, "m_probability"] = of_level / expected
            households.loc[totals.index, "u_probability"] = others / (all_pairs - expected)
        change, prior = abs(expected / all_pairs / prior - 1), expected / all_pairs
        if change < SETTLED:
            break
    trained = pd.DataFrame({"m_probability": m, "u_probability": u})
    others = in_force.loc[~in_force.index.get_level_values("comparison").isin(learnt), trained.columns]
    if households is not None:
        others = others.copy()
        others.loc[[("household", level) for level in households.index]] = households[trained.columns].to_numpy()
    weights = pd.concat([trained, others]).reset_index()
    histogram = patterns.groupby(np.floor(pattern_weight).astype(int))["pair_count"].sum()
    return LinkModel(weights, prior * (records - 1), records, seed, histogram)


def _crossed_once(found: dict[str, pd.Series], patterns: pd.DataFrame) -> dict[str, pd.Series]:
    """Crossed names count where both are, as lnk_weighed_patterns says it."""
    if "last_name" not in found:
        return found
    is_half_crossed = (patterns["last_name"] == "crossed") & (patterns["first_name"] != "crossed")
    return {**found, "last_name": found["last_name"].where(~is_half_crossed, 0.0)}


def _under_one_roof(found: dict[str, pd.Series], patterns: pd.DataFrame, weight: pd.Series) -> dict[str, pd.Series]:
    """The weights of each pattern with what a household changes, as lnk_weighed_pairs says it."""
    is_shared = patterns["household"] != "missing"
    is_other = is_shared & patterns["first_name"].isin([DISAGREEMENT, HELD])
    return {
        **found,
        "last_name": found["last_name"].where(~is_shared, 0.0),
        "birth_date": found["birth_date"].where(~is_other, found["birth_date"].clip(upper=0.0)),
        "household": patterns["household"].map(weight).fillna(0.0),
    }


def _total(shares: pd.Series) -> pd.Series:
    return shares.groupby(level="comparison").transform("sum")


def _check(model: LinkModel) -> None:
    """Refuse weights that say something absurd, rather than link with them."""
    low, high = PLAUSIBLE_MATCHES
    if not low <= model.matches_per_record <= high:
        raise SynchroError(
            "IMPLAUSIBLE_PRIOR",
            f"Les poids appris supposent {model.matches_per_record:.3g} autres fiches de la même personne par fiche "
            f"(attendu : de {low:g} à {high:g})",
            todo="garder les poids en vigueur ; vérifier les noms et dates de naissance des dernières livraisons",
        )
    weights = _indexed(model.weights)
    bits = np.log2(weights["m_probability"] / weights["u_probability"])
    for comparison, found in bits.groupby(level="comparison"):
        of_level = found.droplevel("comparison")
        agreement = next((of_level[name] for name in AGREEMENT if name in of_level), None)
        if agreement is not None and not agreement > 0 > of_level.get(DISAGREEMENT, -1.0):
            raise SynchroError(
                "INVERTED_WEIGHT",
                "Un poids appris est inversé : être identique compterait contre, ou être différent compterait pour",
                where=comparison,
                todo="garder les poids en vigueur ; ce champ est sans doute mal rempli dans une livraison",
            )


def _indexed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(["comparison", "comparison_level"])


# ------------------------------------------------------------------ the command


@dataclass(frozen=True)
class Training:
    """What a training wrote."""

    model: LinkModel
    version: int
    weights_file: Path
    report: Path


def train_on_vault(settings: Settings, seed: int = 1, progress: Progress | None = None) -> Training:
    """Train on the built vault, write the seeds and the report. Raises SynchroError, as `train`; NOT_LINKED."""
    from synchro.training_report import write_report

    folder = settings.project_dir / SEEDS
    weights_file, model_file = folder / "link_weights.csv", folder / "link_model.csv"
    before = pd.read_csv(weights_file)
    connection = connect_read_only(settings)
    try:
        built = connection.execute(
            """
            select count(*) from duckdb_tables()
            where database_name = 'vault'
                and table_name in ('lnk_confirmed_writings', 'lnk_compared_pairs', 'lnk_household_pairs')
            """
        ).fetchone()[0]
        if built < 3:
            raise SynchroError(
                "NOT_LINKED", "Le coffre n'a pas encore de fiches comparées", todo="lancer d'abord « dbt build »"
            )
        trained_on = connection.execute("select max(reference_month) from synchro.raw.deliveries").fetchone()[0]
        model = train(connection, seed, before, progress)
    finally:
        connection.close()
    version = int(pd.read_csv(model_file)["version"].max()) + 1
    in_force = pd.DataFrame(
        {
            "version": [version],
            "trained_on": [str(trained_on)[:7]],
            "record_count": [model.record_count],
            "matches_per_record": [model.matches_per_record],
            "seed": [seed],
        }
    )
    report = settings.warehouse.parent / "rapprochement.html"
    labels = pd.read_csv(folder / "level_labels.csv")
    thresholds = [settings.variables[name] for name in ("review_threshold", "link_threshold")]
    write_report(report, model, before, version, labels, thresholds)
    replace_all([(weights_file, _text(model.weights)), (model_file, _text(in_force))])
    return Training(model, version, weights_file, report)


def _text(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
