"""Every page of every edition opens, alone on this machine, and can be read by everyone."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import SCREENSHOTS, Open, Site, Visit

from synchro.scan import scan

_PAGES = (
    *("/", "/flux/", "/durees-et-parcours/", "/besoins-et-reponses/", "/publics/", "/communes/", "/opportunites/"),
    *("/qualite/", "/qualite/ccas/", "/confiance/", "/revisions/", "/suivi/", "/methode-et-lexique/"),
)
_INTERNAL = ("/qualite/", "/qualite/ccas/")
_SECONDS = 2.0


@pytest.fixture(params=_PAGES)
def address(request: pytest.FixtureRequest, site: Site) -> str:
    if site.edition != "internal" and request.param in _INTERNAL:
        pytest.skip("page de l'édition interne")
    return str(request.param)


def test_page_opens_alone_and_is_accessible(site: Site, address: str, visit: Open, axe: Axe) -> None:
    seen = visit(address)
    page = seen.page
    assert seen.errors == []
    assert seen.elsewhere == []
    assert page.get_attribute("html", "lang") == "fr"
    assert page.locator(".synthetic", has_text="Données fictives").is_visible()
    assert "NaN" not in page.inner_text("main")
    assert "undefined" not in page.inner_text("main")
    _save(seen, site, address, "large")
    found = axe.run(page).response["violations"]
    serious = [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")]
    assert serious == []


def test_first_chart_is_drawn_in_time(address: str, visit: Open) -> None:
    # The best of three, and more time where the machine has other work than this.
    seconds = [visit(address).seconds_to_chart for _ in range(3)]
    if None in seconds:
        pytest.skip("page sans graphique")
    assert min(seconds) < _SECONDS * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_page_fits_a_narrow_screen_and_paper(site: Site, address: str, visit: Open) -> None:
    seen = visit(address, width=390)
    _save(seen, site, address, "narrow")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    seen.page.emulate_media(media="print")
    assert not seen.page.locator("nav").is_visible()
    assert seen.page.locator(".synthetic").is_visible()


def test_menu_has_the_pages_of_the_edition(site: Site, visit: Open) -> None:
    page = visit("/").page
    links = page.locator("nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == [entry["href"] for entry in site.menu]
    assert ("/qualite/" in links) == (site.edition == "internal")


def test_public_site_holds_nothing_more_than_its_publication(site: Site) -> None:
    if site.edition != "public":
        pytest.skip("l'édition interne est exacte")
    assert scan(site.folder, publication=site.publication) == []


def test_page_that_does_not_exist_says_so_in_french(site: Site, visit: Open) -> None:
    page = visit("/").page
    page.evaluate("history.pushState({}, '', '/nulle-part/')")
    response = page.request.get(site.address + "/nulle-part/")
    assert response.status == 404


def _save(seen: Visit, site: Site, address: str, form: str) -> None:
    name = address.strip("/").replace("/", "-") or "synthese"
    seen.page.screenshot(path=SCREENSHOTS / site.edition / form / f"{name}.png", full_page=True)
