"""The site of each edition, built and served once, and each of its pages opened once in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import SETTINGS, Site, Visit
from playwright.sync_api import Browser, sync_playwright

from synchro.dashboard.site import build_site, serve_site
from synchro.errors import SynchroError

EDITIONS = os.environ.get("EDITIONS", "internal,public").split(",")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium: Playwright's own is not downloaded."""
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        pytest.skip("Chromium manque : apt-get install chromium")
    with sync_playwright() as playwright:
        # The sandbox does not start for root, which is what containers run as; the only pages opened are ours.
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session", params=EDITIONS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site of the last publication for each audience."""
    publication = (SETTINGS.published / request.param).resolve()
    if not publication.exists():
        pytest.skip(f"Il n'y a pas de publication à montrer : synchro publish --audience {request.param}")
    try:
        folder = build_site(SETTINGS, request.param)
    except SynchroError as error:
        if error.code != "NODE_MISSING":
            raise
        pytest.skip(str(error))
    about = json.loads((folder.parent / "components" / "edition.json").read_text(encoding="utf-8"))
    port = _free_port()
    with serve_site(SETTINGS, folder, port) as server:
        _wait_for(port)
        yield Site(
            request.param,
            f"http://127.0.0.1:{port}",
            folder,
            publication,
            about["pages"],
        )
        server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the site is not served")


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Any]:
    """Open a page of the site with the network cut: whatever is not this machine is refused, and written down."""
    contexts = []

    def open_page(address: str, width: int = 1280) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR", accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        seen = Visit(page)
        context.route(lambda url: not url.startswith(site.address), lambda route: route.abort())
        page.on("request", lambda request: _note_elsewhere(seen, request.url, site.address))
        page.on("console", lambda message: message.type == "error" and seen.errors.append(message.text))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        start = time.monotonic()
        page.goto(site.address + address)
        page.wait_for_selector("main h1")
        if page.locator(".chart-figure").count():
            page.wait_for_selector(".chart canvas")
            seen.seconds_to_chart = time.monotonic() - start
        page.wait_for_load_state("networkidle")
        return seen

    yield open_page
    for context in contexts:
        context.close()


def _note_elsewhere(seen: Visit, url: str, here: str) -> None:
    if not url.startswith((here, "data:", "blob:")):
        seen.elsewhere.append(url)


@pytest.fixture(scope="session")
def axe() -> Axe:
    """The accessibility checker, with the rules it comes with."""
    return Axe()
