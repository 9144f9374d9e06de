"""What linkage costs: with the true links nobody is split or mixed, without any every record is a person."""

from __future__ import annotations

import json

import pytest

from conftest import Territory
from digests import table_digests
from synchro.link_effect import LinkEffect, score_with_links
from synchro.score import score
from synchro.warehouse import connect_read_only


@pytest.fixture(scope="module")
def effect(territory: Territory) -> LinkEffect:
    before = table_digests(territory.settings)
    steps: dict[str, tuple[int, int]] = {}
    result = score_with_links(territory.truth, territory.settings, lambda name, *step: steps.update({name: step}))
    assert table_digests(territory.settings) == before
    assert not list(territory.settings.warehouse.parent.glob(".score-*"))
    assert len(steps) == 3
    assert all(done == total for done, total in steps.values())
    return result


def test_the_build_itself_is_scored_as_ever(effect: LinkEffect, territory: Territory) -> None:
    assert effect.built == score(territory.truth, territory.settings)


def test_with_the_true_links_nobody_is_split_or_mixed(effect: LinkEffect) -> None:
    linkage = effect.true_links.linkage
    assert linkage.clusters == linkage.persons == effect.built.linkage.persons
    assert linkage.pairwise.f1 == 1
    assert linkage.split.numerator == linkage.merged.numerator == 0


def test_without_links_every_record_is_a_person(effect: LinkEffect, territory: Territory) -> None:
    linkage = effect.without_links.linkage
    assert linkage.clusters == linkage.records == effect.built.linkage.records
    assert linkage.merged.numerator == 0
    # Who is in several lists is counted once by the true links and as often as listed without any.
    with connect_read_only(territory.settings) as con:
        listed = con.execute("select count(distinct record_id) from vault.linked.lnk_records").fetchone()[0]
    assert listed == linkage.records + linkage.records_without_truth
    assert linkage.split.numerator > effect.built.linkage.split.numerator


def test_the_figures_are_rebuilt_from_these_links(effect: LinkEffect) -> None:
    """The fewer errors of linkage, the nearer the stock and the entries; the truth beside them does not move."""
    for compared in (lambda score: score.stock, lambda score: score.flows[0]):
        without, built, true = map(compared, (effect.without_links, effect.built, effect.true_links))
        assert without.truth == built.truth == true.truth > 0
        assert without.compiled > 1.2 * built.compiled
        assert abs(true.compiled - true.truth) <= abs(built.compiled - built.truth)


def test_both_outputs_tell_the_same(effect: LinkEffect) -> None:
    content = json.loads(effect.to_json())
    links = content.pop("links")
    assert content == json.loads(effect.built.to_json())
    assert links["true_links"] == json.loads(effect.true_links.to_json())
    line = next(line for line in effect.to_text().splitlines() if "Personnes éclatées " in line and "/" not in line)
    splits = [100 * score["linkage"]["split"]["value"] for score in (links["without_links"], content)]
    expected = [f"{split:.1f}".replace(".", ",") for split in (*splits, 0, splits[1])]
    assert [cell.strip() for cell in line.split("│")[2:-1]] == expected
