"""The committee's note: facts by rules, figures as published, one PDF per publication, nothing hidden let out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

import brief_kit as kit
from conftest import PROJECT
from synchro.brief.caveats import _CONDITIONS, caveat_of
from synchro.brief.facts import AT_MOST, FACTS, Fact, candidates, choose, told
from synchro.brief.note import brief_content, typeset, write_brief
from synchro.brief.publication import Publication, signed
from synchro.brief.rules import load_caveats, load_rules
from synchro.brief.series import LEAST_MONTHS, read_series, usual
from synchro.errors import SynchroError
from synchro.publish import publish
from synchro.settings import Settings

RULES = load_rules(PROJECT)
CAVEATS = load_caveats(PROJECT)
FEMALE = {"unit": "person", "segment_type": "sex", "segment": "female"}
TOTAL = {"unit": "person", "segment_type": "total"}


@pytest.fixture
def found() -> kit.Tables:
    return kit.tables()


def facts_of(folder: Path, found: kit.Tables, audience: str = "internal") -> list[Fact]:
    publication = Publication(kit.write(folder, found, audience), audience)
    return choose(candidates(publication, RULES, kit.LAST)[0])


def names(facts: list[Fact]) -> list[str]:
    return [fact.rule.rule for fact in facts]


def text_of(pdf: bytes | Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())


def note_of(folder: Path, found: kit.Tables, audience: str = "internal", **options) -> str:
    publication = Publication(kit.write(folder, found, audience, **options), audience)
    return text_of(typeset(brief_content(publication, PROJECT, kit.LAST)))


# The facts


def test_the_usual_range_is_not_moved_by_one_odd_month():
    habit = usual([10, 11, 12, 11, 10, 12, 11, 10, 12, 11, 11, 500], 2, 1)
    assert habit.centre == 11
    assert habit.range(0, is_level=True) == (9, 13)


def test_a_short_history_has_no_usual_range():
    assert usual([10.0] * (LEAST_MONTHS - 1), 2, 1) is None


@pytest.mark.parametrize("value", [8.9, 13.1])
def test_a_value_out_of_the_range_is_never_shown_inside_it(value):
    habit = usual([11.0] * 12, 2, 1)
    low, high = habit.range(0, is_level=True)
    assert abs(habit.z(value)) > 2
    assert not low <= value <= high


def test_a_steady_month_has_only_standing_facts(tmp_path, found):
    facts = facts_of(tmp_path / "published", found)
    assert facts
    assert all(fact.rule.least_z is None for fact in facts)


def test_the_largest_departure_from_the_usual_comes_first(tmp_path, found):
    kit.change(found, "ind_monthly_flows", "inflow", 80, reference_month=kit.LAST, **TOTAL)
    kit.change(found, "ind_monthly_flows", "outflow", 60, reference_month=kit.LAST, **TOTAL)
    facts = facts_of(tmp_path / "published", found)
    assert names(facts)[:2] == ["inflow_total", "outflow_total"]
    assert facts[0].score > facts[1].score > 2


def test_a_group_and_its_total_are_one_story(tmp_path, found):
    kit.change(found, "ind_monthly_flows", "inflow", 80, reference_month=kit.LAST, **TOTAL)
    kit.change(found, "ind_monthly_flows", "inflow", 45, reference_month=kit.LAST, **FEMALE)
    facts = facts_of(tmp_path / "published", found)
    assert sum(fact.story == "inflow" for fact in facts) == 1


def test_a_group_is_told_once_whatever_moved(tmp_path, found):
    for column in ("inflow", "outflow", "active_end"):
        kit.change(found, "ind_monthly_flows", column, 300, reference_month=kit.LAST, **FEMALE)
    facts = facts_of(tmp_path / "published", found)
    assert sum(fact.series.segment == ("sex", "female") for fact in facts) == 1


def test_a_small_group_makes_no_fact(tmp_path, found):
    key = {"unit": "person", "segment_type": "age_band", "segment": "18_24"}
    for month in kit.MONTHS:
        kit.change(found, "ind_monthly_flows", "inflow", 1, reference_month=month, **key)
    kit.change(found, "ind_monthly_flows", "inflow", 12, reference_month=kit.LAST, **key)
    assert "inflow_segment" not in names(facts_of(tmp_path / "published", found))


def test_an_opportunity_that_grows_is_a_fact_and_one_that_shrinks_is_not(tmp_path, found):
    kit.change(found, "ind_opportunities", "persons", 30, reference_month=kit.LAST, rule="long_stay")
    kit.change(found, "ind_opportunities", "persons", 20, reference_month=kit.LAST, rule="street")
    facts = facts_of(tmp_path / "published", found)
    growing = [fact.series.segment[0] for fact in facts if fact.rule.rule == "opportunity_growing"]
    assert growing == ["Plus d'un an en urgence"]


def test_a_missing_file_comes_first_and_is_told_once(tmp_path, found):
    kit.change(found, "dq_calendar", "status", "missing", reference_month=kit.LAST, extract="stays")
    kit.change(found, "ind_reliability", "delivered_3_months", 35, reference_month=kit.LAST)
    kit.change(found, "ind_monthly_flows", "inflow", 60, reference_month=kit.LAST, **TOTAL)
    facts = facts_of(tmp_path / "published", found)
    assert names(facts)[0] == "missing_file"
    assert "missing_deliveries" not in names(facts)
    publication = Publication(tmp_path / "published", "internal")
    movement = next(fact for fact in facts if fact.rule.rule == "inflow_total")
    assert "Livraisons manquantes sur trois mois : 1." in caveat_of(movement, publication, CAVEATS)


def test_there_are_at_most_five_facts_and_a_few_of_each_kind(tmp_path, found):
    for column in ("inflow", "outflow", "active_end"):
        kit.change(found, "ind_monthly_flows", column, 90, reference_month=kit.LAST, **TOTAL)
    kit.change(found, "ind_needs_responses", "new_requests", 90, reference_month=kit.LAST, need="total")
    kit.change(found, "ind_needs_responses", "waiting", 190, reference_month=kit.LAST, need="ordinary_housing")
    facts = facts_of(tmp_path / "published", found)
    kinds = [fact.rule.kind for fact in facts]
    assert len(facts) <= FACTS
    assert all(kinds.count(kind) <= most for kind, most in AT_MOST.items())
    assert kinds.count("movement") == AT_MOST["movement"]


def test_the_first_list_is_no_flow(tmp_path, found):
    publication = Publication(kit.write(tmp_path / "published", found), "internal")
    content = brief_content(publication, PROJECT, kit.MONTHS[0])
    tiles = {tile["label"]: tile["value"] for tile in content["headline"]["tiles"]}
    assert tiles["Personnes sans domicile"] == "400"
    assert tiles["Personnes entrées"] == "–"


def test_every_caveat_has_its_condition_and_every_rule_its_words(tmp_path, found):
    assert {caveat.caveat for caveat in CAVEATS} == set(_CONDITIONS)
    publication = Publication(kit.write(tmp_path / "published", found), "internal")
    fact = facts_of(tmp_path / "again", found)[0]
    for rule in RULES:
        segment = tuple("sex" if name == "segment_type" else "female" for name in rule.columns)
        series = replace(fact.series, rule=rule, segment=segment, values=dict.fromkeys(kit.MONTHS, 20.0))
        habit = usual([20.0] * 12, 2, 1) if rule.least_z is not None else None
        said = told(Fact(series, kit.LAST, 20.0, habit, 3.0), publication)
        assert said.usual, rule.rule
        assert "{" not in f"{said.title}{said.usual}{said.caveat}", rule.rule


def test_a_rule_that_cannot_be_calculated_is_named(tmp_path, found):
    publication = Publication(kit.write(tmp_path / "published", found), "internal")
    wrong = RULES[0].model_copy(update={"measure": "no_such_column"})
    with pytest.raises(SynchroError, match=wrong.rule) as error:
        candidates(publication, [wrong], kit.LAST)
    assert error.value.code == "BRIEF_RULES"


# The public edition


def test_a_hidden_cell_is_told_by_its_symbol_and_reason_only(tmp_path, found):
    kit.change(found, "ind_opportunities", "persons", 7, rule="long_stay")
    text = note_of(tmp_path / "published", kit.public(found), "public")
    assert "Plus d’un an en urgence s s s Ouvrir une demande" in text
    assert "Secret statistique (s)" in text
    assert "arrondi à 5" in text


def test_no_fact_of_the_public_edition_rests_on_a_hidden_or_an_operators_figure(tmp_path, found):
    kit.change(found, "ind_monthly_flows", "inflow", 9, reference_month=kit.LAST, **FEMALE)
    kit.change(found, "ind_opportunities", "persons", 12, reference_month=kit.LAST, rule="long_stay")
    shown = kit.public(found)
    # Tables of operators, even if they were there by mistake, feed no fact.
    shown["dq_calendar"] = found["dq_calendar"].assign(status="missing")
    facts = facts_of(tmp_path / "published", shown, "public")
    assert facts
    for fact in facts:
        assert fact.rule.audience == "both"
        assert fact.series.segment[:2] not in (
            ("sex", "female"),
            ("Plus d'un an en urgence", "Personnes sans demande"),
        )
        if fact.rule.digits == 0:
            assert fact.level % 5 == 0


def test_a_month_that_is_hidden_breaks_the_line_and_the_usual_range(tmp_path, found):
    for month in kit.MONTHS[-15:-1]:
        kit.change(found, "ind_monthly_flows", "inflow", 8, reference_month=month, **TOTAL)
    kit.change(found, "ind_monthly_flows", "inflow", 90, reference_month=kit.LAST, **TOTAL)
    publication = Publication(kit.write(tmp_path / "published", kit.public(found), "public"), "public")
    assert "inflow_total" not in names(candidates(publication, RULES, kit.LAST)[0])
    rows = brief_content(publication, PROJECT, kit.LAST)["changes"]["rows"]
    assert rows[1][1:] == ["90", "s", "s", "s", "moins d’un an de recul"]


def test_the_exact_counts_of_the_publisher_are_nowhere_in_the_public_note(tmp_path, found):
    canaries = {"inflow": 7, "outflow_inactive": 11, "outflow_own_housing": 8, "active_end": 403}
    for column, value in canaries.items():
        kit.change(found, "ind_monthly_flows", column, value, reference_month=kit.LAST, **TOTAL)
    publication = Publication(kit.write(tmp_path / "published", kit.public(found), "public"), "public")
    content = brief_content(publication, PROJECT, kit.LAST)
    assert "403" not in str(content)
    assert [row[1] for row in content["changes"]["rows"][:5]] == ["405", "s", "40", "s", "s"]
    hidden = content["charts"]["outflow"]["hidden"].replace("\u00a0", " ")
    assert hidden == "Secret statistique (s) : logement ordinaire, perdue de vue, décès"


# The page


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_figures_of_the_page_are_those_of_the_publication(tmp_path, found, audience):
    kit.change(found, "ind_monthly_flows", "active_end", 1234, reference_month=kit.LAST, **TOTAL)
    shown = kit.public(found) if audience == "public" else found
    text = note_of(tmp_path / "published", shown, audience)
    flows = shown["ind_monthly_flows"]
    now = flows[
        (pd.to_datetime(flows["reference_month"]) == pd.Timestamp(kit.LAST)) & (flows["segment_type"] == "total")
    ].set_index("unit")
    stock = f"{int(now.at['person', 'active_end']):,}".replace(",", " ")
    assert f"Personnes sans domicile en fin de mois {stock}" in text
    assert f"Personnes entrées dans le mois {int(now.at['person', 'inflow'])}" in text
    assert f"Ménages sans domicile en fin de mois {int(now.at['household', 'active_end'])}" in text
    assert "depuis plus de 12 mois : 100 personnes (25 %)" in text


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_the_same_publication_gives_the_same_bytes(tmp_path, found, audience):
    shown = kit.public(found) if audience == "public" else found
    folder = kit.write(tmp_path / "published", shown, audience)
    first, second = (typeset(brief_content(Publication(folder, audience), PROJECT, kit.LAST)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("is_synthetic", [True, False])
def test_every_page_says_that_figures_are_made_up_where_they_are(tmp_path, found, is_synthetic):
    folder = kit.write(tmp_path / "published", found, is_synthetic=is_synthetic)
    pdf = typeset(brief_content(Publication(folder, "internal"), PROJECT, kit.LAST))
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    assert 2 <= len(pages) <= 4
    assert all(("DONNÉES FICTIVES" in page) == is_synthetic for page in pages)
    assert "à ne pas rediffuser" in pages[0]


def test_the_page_is_tagged_in_french_with_a_title_and_words_for_each_chart(tmp_path, found):
    publication = Publication(kit.write(tmp_path / "published", found), "internal")
    content = brief_content(publication, PROJECT, kit.LAST)
    # PDF/UA-1 refuses an image without words, a document without title or language, a table without header.
    pdf = typeset(content)
    assert pypdfium2.PdfDocument(pdf).get_metadata_dict()["Title"] == "Note du comité – décembre 2025 – Essai"
    assert b"/Lang (fr" in pdf or b"/Lang(fr" in pdf
    for chart in content["charts"].values():
        assert chart["alt"].endswith(".")
        assert len(chart["alt"]) > 40


def test_charts_speak_french(tmp_path, found):
    kit.change(found, "ind_monthly_flows", "active_end", 1500, reference_month=kit.LAST, **TOTAL)
    publication = Publication(kit.write(tmp_path / "published", found), "internal")
    svg = brief_content(publication, PROJECT, kit.LAST)["charts"]["stock"]["svg"]
    assert "déc. 25" in svg
    assert "juin 25" in svg
    assert "1\u202f000" in svg


def test_a_change_always_has_its_sign():
    assert [signed(value) for value in (3, -3, 0, -0.4, 1500)] == ["+3", "−3", "0", "0", "+1\u202f500"]


# The command


@pytest.fixture
def settings(tmp_path, found) -> Settings:
    kit.write(tmp_path / "published" / "internal", found)
    return Settings.in_folder(tmp_path, PROJECT)


def test_the_last_month_is_written_by_default(settings, tmp_path):
    written = write_brief(settings, "internal", out=tmp_path / "note.pdf")
    assert written.month == kit.LAST
    assert written.path.read_bytes().startswith(b"%PDF")
    assert written.path.stat().st_mode & 0o007 == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["note.pdf"]


@pytest.mark.parametrize(
    ("audience", "month", "code", "words"),
    [
        ("internal", date(2031, 1, 1), "MONTH", "2023-11 à 2025-12"),
        ("public", None, "NO_PUBLICATION", "synchro publish --audience public"),
        ("everybody", None, "AUDIENCE", "internal"),
    ],
)
def test_what_is_not_there_is_said(settings, tmp_path, audience, month, code, words):
    with pytest.raises(SynchroError, match=words) as error:
        write_brief(settings, audience, month, tmp_path / "note.pdf")
    assert error.value.code == code
    assert not (tmp_path / "note.pdf").exists()


def test_an_edition_is_not_taken_for_the_other(settings, tmp_path):
    (tmp_path / "published" / "public").symlink_to(tmp_path / "published" / "internal")
    with pytest.raises(SynchroError, match="pas « public »"):
        write_brief(settings, "public", out=tmp_path / "note.pdf")


def test_the_note_of_a_built_territory_reads_every_table_that_its_rules_name(territory, tmp_path):
    settings = replace(territory.settings, published=tmp_path / "published")
    publish(settings, target_dir=territory.target)
    publication = Publication(settings.published / "internal", "internal")
    assert {rule.source for rule in RULES} <= publication.tables
    assert all(list(read_series(publication, rule)) for rule in RULES)
    written = write_brief(settings, "internal", out=tmp_path / "note.pdf")
    [row] = publication.table("ind_monthly_flows", reference_month=written.month, **TOTAL)
    assert f"Personnes sans domicile en fin de mois {row['active_end']}" in text_of(written.path)
