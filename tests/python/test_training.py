"""Training: the weights that Splink learns on the landed data, and those that are refused."""

from __future__ import annotations

import dataclasses
import shutil

import duckdb
import numpy as np
import pandas as pd
import pytest

from conftest import settings_in
from synchro.build import run_dbt
from synchro.errors import SynchroError
from synchro.landing import land
from synchro.settings import find_project
from synchro.simulate import simulate
from synchro.training import (
    SILENT,
    LinkModel,
    _check,
    _crossed_once,
    _settled,
    comparison_levels,
    train,
    train_on_vault,
)

SHIPPED = find_project() / "seeds" / "linkage"


@pytest.fixture(scope="module")
def copy(keys_file, tmp_path_factory):
    """A territory large enough to learn from, compared, with seeds of its own: training writes seeds."""
    folder = tmp_path_factory.mktemp("training")
    simulate(folder / "territory", persons=500, months=6, seed=7)
    settings = dataclasses.replace(settings_in(folder), keys=keys_file)
    land(folder / "territory" / "inbox", settings)
    result = run_dbt(
        settings, ["build", "--select", "+lnk_household_pairs", "--exclude-resource-type", "test", "unit_test"]
    )
    assert not result.failed, result.failed
    shutil.copytree(SHIPPED, folder / "seeds" / "linkage")
    shutil.copy2(find_project() / "dbt_project.yml", folder)
    return dataclasses.replace(settings, project_dir=folder)


@pytest.fixture(scope="module")
def trained(copy):
    return train_on_vault(copy, seed=3)


def test_every_level_has_a_weight_and_shares_add_up(trained):
    weights = pd.read_csv(trained.weights_file)
    shipped = pd.read_csv(SHIPPED / "link_weights.csv")
    keys = ["comparison", "comparison_level"]
    assert set(map(tuple, weights[keys].to_numpy())) == set(map(tuple, shipped[keys].to_numpy()))
    learnt = weights[weights["comparison"].isin(["last_name", "first_name", "birth_date", "sex"])]
    np.testing.assert_allclose(learnt.groupby("comparison")["m_probability"].sum(), 1, atol=1e-4)
    assert (
        (weights[["m_probability", "u_probability"]] > 0) & (weights[["m_probability", "u_probability"]] < 1)
    ).all(axis=None)


def test_the_weights_are_numbered_and_say_where_they_come_from(trained):
    model = pd.read_csv(trained.weights_file.with_name("link_model.csv")).loc[0]
    assert model["version"] == pd.read_csv(SHIPPED / "link_model.csv")["version"].max() + 1 == trained.version
    assert model["seed"] == 3
    assert model["record_count"] == trained.model.record_count > 0


def test_the_same_seed_gives_the_same_weights_on_any_number_of_threads(copy, trained):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copy.vault}' as vault (read_only)")
        connection.execute("set threads = 2")
        again = train(connection, 3, pd.read_csv(SHIPPED / "link_weights.csv"))
        assert connection.execute("select current_setting('threads')").fetchone() == (2,)
    pd.testing.assert_frame_equal(again.weights, trained.model.weights, check_exact=True)
    assert again.matches_per_record == trained.model.matches_per_record


def test_the_report_says_what_changed_and_holds_no_record(trained, copy):
    report = trained.report.read_text(encoding="utf-8")
    assert f"version {trained.version}" in report
    assert report.count("<tr") == len(trained.model.weights) + 1
    with duckdb.connect(str(copy.vault), read_only=True) as connection:
        ids = connection.execute("select record_id from linked.lnk_records limit 50").fetchall()
    assert not any(record_id in report for (record_id,) in ids)


def test_the_levels_are_those_that_dbt_applies(copy):
    levels = comparison_levels(find_project())
    shipped = pd.read_csv(SHIPPED / "link_weights.csv")
    for comparison, found in levels.items():
        names = {name for name, _ in found if name != "missing" and (comparison, name) not in SILENT}
        assert names == set(shipped.loc[shipped["comparison"] == comparison, "comparison_level"])
    assert all("records_" not in condition for found in levels.values() for _, condition in found)


def shares(m_exact, u_exact):
    index = pd.MultiIndex.from_product([["name"], ["exact", "different"]], names=["comparison", "comparison_level"])
    return pd.DataFrame({"m": [m_exact, 1 - m_exact], "u": [u_exact, 1 - u_exact]}, index=index)


def in_force():
    index = pd.MultiIndex.from_product([["name"], ["exact", "different"]], names=["comparison", "comparison_level"])
    return pd.DataFrame({"m_probability": [0.9, 0.1], "u_probability": [0.01, 0.99]}, index=index)


def test_matches_are_taken_out_of_the_random_pairs():
    # 1 000 records, 499 500 pairs; 5 000 of them agree, among which 500 or so are matches.
    patterns = pd.DataFrame({"name": ["exact", "different"], "pair_count": [5_000, 494_500]})
    model = _settled(in_force(), shares(0.9, 0.01), patterns, 1_000, 1)
    u = model.weights.set_index(["comparison", "comparison_level"])["u_probability"][("name", "exact")]
    m = model.weights.set_index(["comparison", "comparison_level"])["m_probability"][("name", "exact")]
    prior = model.matches_per_record / 999
    assert m == pytest.approx((0.9 + 0.01) / 1.02)
    assert prior * m + (1 - prior) * u == pytest.approx(0.01, rel=1e-3)


def test_a_level_that_the_data_never_shows_keeps_its_weight():
    unseen = shares(0.9, 0.01)
    unseen.loc[("name", "exact"), "m"] = np.nan
    patterns = pd.DataFrame({"name": ["exact", "different"], "pair_count": [5_000, 494_500]})
    weights = _settled(in_force(), unseen, patterns, 1_000, 1).weights.set_index("comparison_level")
    assert weights.loc["exact", "m_probability"] / weights.loc["exact", "u_probability"] == pytest.approx(90)


def test_crossed_names_count_once_as_dbt_weighs_them():
    patterns = pd.DataFrame(
        [("crossed", "crossed"), ("crossed", "swapped"), ("exact", "different")], columns=["last_name", "first_name"]
    )
    found = {"last_name": pd.Series([3.0, 3.0, 2.0]), "first_name": pd.Series([0.0, 1.0, -1.0])}
    counted = _crossed_once(found, patterns)
    assert counted["last_name"].tolist() == [3.0, 0.0, 2.0]
    assert counted["first_name"].tolist() == [0.0, 1.0, -1.0]


def test_a_household_weighs_by_how_often_matches_and_others_share_one():
    # 1 000 records: 500 pairs agree in all, of which 200 in one household; 800 pairs of two persons, who share a
    # last name, which counts for nothing there.
    fields = ("last_name", "first_name", "birth_date")
    given = pd.concat([shares(0.9, 0.001).rename({"name": name}, level="comparison") for name in fields])
    before = pd.concat(
        [
            *(in_force().rename({"name": name}, level="comparison") for name in fields),
            pd.DataFrame(
                {"m_probability": [0.1, 0.1], "u_probability": [0.05, 0.02]},
                index=pd.MultiIndex.from_product([["household"], ["same", "linked"]]),
            ),
        ]
    ).rename_axis(["comparison", "comparison_level"])
    rows = [("exact",) * 3 + ("missing", 300), ("exact",) * 3 + ("same", 200)]
    rows += [("exact", "different", "different", "same", 800)]
    patterns = pd.DataFrame(rows, columns=[*fields, "household", "pair_count"])
    found = _settled(before, given, patterns, 1_000, 1, pd.Series({"same": 1_000.0, "linked": 3.0}))
    weights = found.weights.set_index(["comparison", "comparison_level"]).loc["household"]
    assert found.matches_per_record == pytest.approx(1.0, abs=0.02)
    assert weights.loc["same", "m_probability"] == pytest.approx(0.4, abs=0.01)
    assert weights.loc["same", "u_probability"] == pytest.approx(800 / 499_000, rel=0.02)
    # Three pairs teach nothing.
    assert tuple(weights.loc["linked", ["m_probability", "u_probability"]]) == (0.1, 0.02)


@pytest.mark.parametrize(
    ("matches", "m_exact", "code"),
    [
        (1.0, 0.9, None),
        (400.0, 0.9, "IMPLAUSIBLE_PRIOR"),
        (0.0001, 0.9, "IMPLAUSIBLE_PRIOR"),
        (1.0, 0.001, "INVERTED_WEIGHT"),
    ],
)
def test_absurd_weights_are_refused(matches, m_exact, code):
    weights = pd.DataFrame(
        {
            "comparison": "name",
            "comparison_level": ["exact", "different"],
            "m_probability": [m_exact, 1 - m_exact],
            "u_probability": [0.01, 0.99],
        }
    )
    model = LinkModel(weights, matches, 1_000, 1, pd.Series({0: 1}))
    if code is None:
        assert _check(model) is None
    else:
        with pytest.raises(SynchroError) as error:
            _check(model)
        assert error.value.code == code


def test_a_list_too_short_to_learn_from_leaves_the_seeds_alone(copy, trained):
    before = trained.weights_file.read_bytes()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copy.vault}' as source (read_only); attach ':memory:' as vault")
        connection.execute("create schema vault.linked")
        for table in ("lnk_records", "lnk_confirmed_writings"):
            connection.execute(f"create table vault.linked.{table} as from source.linked.{table} limit 100")
        with pytest.raises(SynchroError) as error:
            train(connection, 1)
    assert error.value.code == "TOO_FEW_RECORDS"
    assert trained.weights_file.read_bytes() == before
