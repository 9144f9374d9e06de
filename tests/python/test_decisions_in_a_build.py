"""What people decide and label, in a real build: an override is undone without a trace, labels give true rates."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import PROJECT, Territory
from digests import table_digests
from synchro.build import run_dbt
from synchro.score import assign_records, load_truth
from synchro.settings import Settings
from synchro.warehouse import connect_read_only

_PARTS = ("models", "seeds", "macros", "tests/generic", "analyses", "dbt_project.yml", "profiles.yml")
_FACTS = ("sex", "age_band", "name_form", "birth_date_precision", "operator_pair")
_Z = 1.959964


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the dbt project whose seeds may be changed."""
    folder = tmp_path_factory.mktemp("project")
    for part in _PARTS:
        copy = folder / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (PROJECT / part).is_dir() else shutil.copy2)(PROJECT / part, copy)
    for name in ("overrides", "clerical_labels"):
        _write_seed(folder, name, [])
    return folder


@pytest.fixture
def installation(territory: Territory, project: Path, tmp_path: Path) -> Settings:
    """A copy of the built territory, on the copied project."""
    for path in (territory.settings.warehouse, territory.settings.vault):
        shutil.copy2(path, tmp_path)
    settings = replace(territory.settings, project_dir=project)
    return replace(settings, warehouse=tmp_path / "synchro.duckdb", vault=tmp_path / "vault.duckdb")


def _write_seed(project: Path, name: str, rows: list[tuple]) -> None:
    path = project / "seeds" / "linkage" / f"{name}.csv"
    with (PROJECT / "seeds" / "linkage" / path.name).open(encoding="utf-8") as file:
        header = next(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _build(settings: Settings, seed: str, tested: bool = True) -> None:
    """The seed and everything that follows from it; with the tests of tables, unless they add nothing."""
    excluded = ["unit_test"] if tested else ["unit_test", "test"]
    arguments = ["build", "--select", f"{seed}+", "--exclude-resource-type", *excluded]
    result = run_dbt(settings, arguments, target_dir=settings.project_dir / "target")
    assert not result.failed, result.failed


def _query(settings: Settings, query: str, *parameters: object) -> list[tuple]:
    with connect_read_only(settings) as con:
        con.execute("use synchro")
        return con.execute(query, list(parameters)).fetchall()


def _truth(settings: Settings, territory: Territory) -> dict[str, str]:
    """The true person of each record."""
    with connect_read_only(settings) as con:
        con.execute("use synchro")
        load_truth(con, {name: territory.truth / f"{name}.parquet" for name in ("record_rows", "person_months")})
        con.execute("set search_path = 'synchro,memory'")
        assign_records(con)
        return dict(con.execute("select record_id, person_id from assigned where person_id is not null").fetchall())


# ------------------------------------------------------------------------------------------------ overrides


def test_an_override_is_undone_without_a_trace(installation: Settings, territory: Territory) -> None:
    """Two different persons are pinned: one takes over what only the other had, and gives it back."""
    truth = _truth(installation, territory)
    # One was lost from sight in a month in which the other was listed, so that the merge shows in the list.
    candidates = _query(
        installation,
        """
        with single as (
            select person_records.person_id, min(records.first_received_at) as received_at
            from vault.linked.lnk_person_records as person_records
            inner join vault.linked.lnk_records as records using (record_id)
            where person_records.cluster_size = 1
            group by all
        ),

        plain as (
            select person_id from compiled.fct_person_months
            group by person_id having bool_and(status in ('active', 'inactive'))
        )

        select lost.person_id, listed.person_id, listed.reference_month
        from compiled.fct_person_months as lost
        inner join compiled.compiled_list as listed using (reference_month)
        inner join single as keepers on lost.person_id = keepers.person_id
        inner join single as absorbed
            on listed.person_id = absorbed.person_id and keepers.received_at < absorbed.received_at
        where lost.status = 'inactive' and lost.person_id in (from plain)
        """,
    )
    candidates = [row for row in candidates if {row[0], row[1]} <= set(truth) and truth[row[0]] != truth[row[1]]]
    keeper, absorbed, month = min(candidates, key=lambda row: (truth[row[0]], truth[row[1]], row[2]))
    before = table_digests(installation)
    people = _people(installation, keeper, absorbed)
    assert set(people) == {keeper, absorbed}
    assert not _is_listed(installation, keeper, month)

    decision = (keeper, absorbed, "must_link", "essai", "2024-01-01", "homonymes")
    _write_seed(installation.project_dir, "overrides", [decision])
    _build(installation, "overrides")
    merged = _people(installation, keeper, absorbed)
    assert set(merged) == {keeper}
    assert merged[keeper]["records"] == 2
    assert merged[keeper]["evidence"] == people[keeper]["evidence"] | people[absorbed]["evidence"]
    assert absorbed in merged[keeper]["evidence"]
    assert _is_listed(installation, keeper, month)
    assert not _is_listed(installation, absorbed, month)

    _write_seed(installation.project_dir, "overrides", [])
    _build(installation, "overrides", tested=False)
    assert _people(installation, keeper, absorbed) == people
    assert table_digests(installation) == before


def _people(settings: Settings, *person_ids: str) -> dict[str, dict[str, object]]:
    """Of the persons that exist: their counts, and the records that evidence of them comes from."""
    counts = _query(
        settings,
        "select person_id, record_count, operator_count from compiled.dim_persons where person_id in (?, ?)",
        *person_ids,
    )
    evidence = _query(
        settings,
        "select distinct person_id, record_id from compiled.fct_evidence where person_id in (?, ?)",
        *person_ids,
    )
    return {
        person: {
            "records": records,
            "operators": operators,
            "evidence": {record for owner, record in evidence if owner == person},
        }
        for person, records, operators in counts
    }


def _is_listed(settings: Settings, person_id: str, month: date) -> bool:
    query = "select count(*) from compiled.compiled_list where person_id = ? and reference_month = ?"
    return bool(_query(settings, query, person_id, month)[0][0])


# ----------------------------------------------------------------------------------------- clerical estimate


def _pairs(settings: Settings) -> pd.DataFrame:
    """Every pair of the bands with its stratum and groups, and whether it was drawn."""
    with connect_read_only(settings) as con:
        return con.execute(
            """
            select strata.*, sample.sample_rank is not null as is_drawn
            from vault.linked.lnk_pair_strata as strata
            left join vault.linked.lnk_clerical_sample as sample using (record_id_l, record_id_r)
            order by strata.record_id_l, strata.record_id_r
            """
        ).df()


def _label(settings: Settings, pairs: pd.DataFrame, answers: pd.Series) -> None:
    rows = [
        (left, right, str(bool(answer)).lower(), "essai", "2024-01-01")
        for left, right, answer in zip(pairs.record_id_l, pairs.record_id_r, answers, strict=True)
    ]
    _write_seed(settings.project_dir, "clerical_labels", rows)
    _build(settings, "clerical_labels")


def _linkage(settings: Settings) -> pd.DataFrame:
    with connect_read_only(settings) as con:
        return con.execute("from synchro.quality.dq_linkage").df().set_index(["segment_type", "segment"]).sort_index()


@pytest.fixture
def compared(installation: Settings, territory: Territory) -> pd.DataFrame:
    """The pairs of the bands that the truth knows, with the truth."""
    pairs, truth = _pairs(installation), _truth(installation, territory)
    persons_l, persons_r = pairs.record_id_l.map(truth), pairs.record_id_r.map(truth)
    assert persons_l.notna().all()
    assert persons_r.notna().all()
    return pairs.assign(is_match=persons_l == persons_r)


def test_labels_of_the_sample_give_the_true_rates(installation: Settings, compared: pd.DataFrame) -> None:
    drawn = compared[compared.is_drawn]
    assert len(drawn) < len(compared)
    _label(installation, drawn, drawn.is_match)
    total = _linkage(installation).loc[("total", "total")]
    linked, matching = compared[compared.is_linked], compared[compared.is_match]
    assert total.linked_pair_count == len(linked)
    assert total.linked_labelled_count + total.unlinked_labelled_count == len(drawn)
    assert total.false_match_low <= (~linked.is_match).mean() <= total.false_match_high
    assert total.false_miss_low <= (~matching.is_linked).mean() <= total.false_miss_high
    # An interval that holds everything would say nothing.
    assert total.false_match_high < 0.25
    assert total.false_miss_high < 0.6


def test_the_estimator_agrees_with_numpy(installation: Settings, compared: pd.DataFrame) -> None:
    """Half of the sample labelled, a fifth of it wrongly, and odd pairs outside the sample, which do not count."""
    generator = np.random.default_rng(5)
    flipped = compared.is_match ^ (generator.random(len(compared)) < 0.2)
    is_labelled = compared.is_drawn & (generator.random(len(compared)) < 0.5)
    odd = compared.index[~compared.is_drawn][:5]
    assert len(odd) == 5
    chosen = is_labelled | compared.index.isin(odd)
    _label(installation, compared[chosen], flipped[chosen])
    labels = flipped.where(is_labelled)
    actual = _linkage(installation)
    groups = [("total", pd.Series("total", compared.index)), *((fact, compared[fact]) for fact in _FACTS)]
    seen = 0
    for segment_type, segments in groups:
        for segment in segments.unique():
            inside = segments == segment
            expected = _by_the_book(compared.is_linked[inside], compared.band[inside], labels[inside])
            figures = actual.loc[(segment_type, segment)].drop(labels=[c for c in actual if c.endswith("count")])
            np.testing.assert_allclose(
                figures.to_numpy(float), expected, atol=1e-6, err_msg=f"{segment_type} {segment}"
            )
            seen += 1
    assert seen == len(actual)
    assert actual.false_match_rate.isna().any()
    assert (actual.false_match_rate > 0).any()


def _by_the_book(is_linked: pd.Series, band: pd.Series, labels: pd.Series) -> list[float]:
    """False match rate, low, high, then false miss rate, low, high, of one group of pairs."""
    sides = {side: _side(band[is_linked == side], labels[is_linked == side], not side) for side in (True, False)}
    sizes = {side: int((is_linked == side).sum()) for side in (True, False)}
    missed = [sizes[False] * share if sizes[False] else 0.0 for share in sides[False]]
    found = [sizes[True] * (1 - share) if sizes[True] else 0.0 for share in sides[True]]
    misses = [m / (m + f) if m + f else np.nan for m, f in zip(missed, found, strict=True)]
    return [*sides[True], *misses]


def _side(band: pd.Series, labels: pd.Series, wrong: bool) -> tuple[float, float, float]:
    """Stratified share of labels equal to `wrong` and its interval; not a number where a band has no label."""
    weights, shares, sizes = [], [], []
    for name in band.unique():
        answers = labels[band == name].dropna().astype(bool)
        if not len(answers):
            return (np.nan,) * 3
        weights.append((band == name).mean())
        shares.append((answers == wrong).mean())
        sizes.append(len(answers))
    if not weights:
        return (np.nan,) * 3
    weights, shares = np.array(weights), np.array(shares)
    rate, n = float(weights @ shares), 1 / (weights**2 / np.array(sizes)).sum()
    # The interval holds the shares p that lie within z of the rate by their own standard error (Wilson):
    # the roots of (1 + z²/n) p² - (2 rate + z²/n) p + rate² = 0.
    low, high = sorted(np.roots([1 + _Z**2 / n, -(2 * rate + _Z**2 / n), rate**2]).real)
    return rate, round(low, 9), round(high, 9)
