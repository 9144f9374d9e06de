"""What a page shows is what was published; filters, sorting and downloads follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import Open, Site
from playwright.sync_api import Page, expect

_LAST = "select max(reference_month) from {ind_monthly_flows}"


def _number(text: str) -> float:
    return float(re.sub(r"[\s€%]", "", text).replace("−", "-").replace(",", "."))


def _key_figure(page: Page, column: str) -> float:
    return _number(page.locator(f"[data-figure={column}]").inner_text())


def _table(page: Page, title: str) -> list[dict[str, str]]:
    """Rows of the table of that caption: the text of each cell by the title of its column."""
    table = page.locator("table", has=page.locator("caption", has_text=title)).first
    titles = table.locator("thead th").all_inner_texts()
    rows = [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_headline_is_the_published_stock_and_flows(site: Site, visit: Open) -> None:
    page = visit("/").page
    published = site.rows(
        "select active_end, inflow, outflow from {ind_monthly_flows} "
        f"where unit = 'person' and segment_type = 'total' and reference_month = ({_LAST})"
    )[0]
    shown = tuple(_key_figure(page, column) for column in ("active_end", "inflow", "outflow"))
    assert shown == published


def test_filters_change_month_and_unit(site: Site, visit: Open) -> None:
    page = visit("/").page
    page.get_by_label("Mois", exact=True).select_option("2025-03")
    page.get_by_label("Compter", exact=True).select_option("household")
    published = site.rows(
        "select active_end from {ind_monthly_flows} "
        "where unit = 'household' and segment_type = 'total' and reference_month = '2025-03-01'"
    )[0][0]
    expect(page.locator("[data-figure=active_end]")).to_have_text(f"{published:.0f}", timeout=30_000)


def test_choice_of_month_follows_to_the_next_page(visit: Open) -> None:
    page = visit("/").page
    page.get_by_label("Mois", exact=True).select_option("2025-03")
    page.get_by_role("link", name="Communes").click()
    expect(page.get_by_label("Mois", exact=True)).to_have_value("2025-03")


def test_communes_are_the_published_ones(site: Site, visit: Open) -> None:
    page = visit("/communes/").page
    published = site.rows(
        "select label_fr, active_end, inflow, outflow from {ind_monthly_flows} as flows "
        "join {communes} as communes on flows.segment = communes.code "
        f"where unit = 'person' and segment_type = 'commune' and reference_month = ({_LAST}) "
        "and active_end is not null"
    )
    rows = {row["Commune"]: row for row in _table(page, "commune par commune")}
    assert published
    for label, *figures in published:
        shown = [rows[label][title] for title in ("Sans domicile", "Entrées", "Sorties")]
        assert [None if text == "s" else _number(text) for text in shown] == figures, label


def test_segment_filter_divides_the_flows(site: Site, visit: Open) -> None:
    page = visit("/flux/").page
    page.get_by_label("Répartir par", exact=True).select_option("sex")
    expect(page.get_by_role("rowheader", name="Femme").first).to_be_visible(timeout=30_000)
    published = site.rows(
        "select label_fr, active_end from {ind_monthly_flows} as flows join {voc_sex} as codes on segment = code "
        f"where unit = 'person' and segment_type = 'sex' and reference_month = ({_LAST}) and active_end is not null"
    )
    rows = {row["Groupe"]: row["Sans domicile"] for row in _table(page, "Mouvement du mois par groupe")}
    assert {label: _number(rows[label]) for label, _ in published} == dict(published)


def test_opportunities_are_the_published_ones(site: Site, visit: Open) -> None:
    page = visit("/opportunites/").page
    published = site.rows(
        "select title_fr, persons from {ind_opportunities} "
        "where reference_month = (select max(reference_month) from {ind_opportunities}) and persons is not null"
    )
    rows = {row["Opportunité"]: row["Personnes"] for row in _table(page, "Opportunités d'action")}
    assert {title: _number(rows[title]) for title, _ in published} == dict(published)


def test_hidden_cell_says_why(site: Site, visit: Open) -> None:
    if site.edition != "public":
        pytest.skip("rien n'est masqué dans l'édition interne")
    page = visit("/communes/").page
    hidden = page.locator("table abbr", has_text="s").first
    assert hidden.get_attribute("title") == "Secret statistique"
    assert page.locator(".note:visible", has_text="secret statistique").count()


def test_table_downloads_as_a_csv_file(visit: Open, tmp_path: Path) -> None:
    page = visit("/opportunites/").page
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger « Opportunités d'action » (CSV)").click()
    file = tmp_path / "file.csv"
    download.value.save_as(file)
    assert download.value.suggested_filename == "Opportunités d'action.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Opportunité;Personnes;")
    assert len(lines) == 1 + len(_table(page, "Opportunités d'action"))


def test_table_is_sorted_by_the_keyboard(visit: Open) -> None:
    page = visit("/opportunites/").page
    button = page.get_by_role("button", name="Ménages", exact=True).last
    button.focus()
    page.keyboard.press("Enter")
    header = page.locator("th[aria-sort=descending]")
    expect(header).to_have_text(re.compile("Ménages"))


def test_lexicon_is_searched_without_accents(visit: Open) -> None:
    page = visit("/methode-et-lexique/").page
    page.get_by_label("Chercher").first.fill("hebergement d'urgence")
    expect(page.locator(".figures").first).to_contain_text("Hébergement d'urgence (CHU, HU)")
