"""The pages of an edition: those, and the parts of them (partials/), whose queries the edition has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

_SOURCE = re.compile(r"\b(?:from|join)\s+synchro\.(\w+)", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
# The guide to the figures is a part of a page: written once, for the repository and for the site.
GUIDE = Path("docs") / "lire-les-chiffres.md"


def write_pages(project: Path, folder: Path, sources: set[str]) -> list[dict[str, Any]]:
    """Copy the pages that `sources` can fill to the edition's `folder`; return its menu (href, title, position)."""
    for path in sorted((project / "partials").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        _write(folder / "partials" / path.name, _typeset(text) if _can_fill(text, sources) else "")
    guide = (project.parent / GUIDE).read_text(encoding="utf-8")
    _write(folder / "partials" / GUIDE.name, _typeset(_as_part(guide)))
    menu = []
    for path in sorted((project / "pages").rglob("*.*")):
        place = path.relative_to(project / "pages")
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".md":
            _write(folder / "pages" / place, text)
        elif _can_fill(text, sources):
            _write(folder / "pages" / place, _typeset(text))
            front = _front_matter(text)
            if "position" in front:
                menu.append({"href": _address(place), **front})
    return sorted(menu, key=lambda page: page["position"])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _can_fill(text: str, sources: set[str]) -> bool:
    return set(_SOURCE.findall(text)) <= sources


def _front_matter(text: str) -> dict[str, Any]:
    found = _FRONT_MATTER.match(text)
    return yaml.safe_load(found[1]) if found else {}


def _address(place: Path) -> str:
    return "/" + "".join(f"{part}/" for part in place.with_suffix("").parts if part != "index")


def _as_part(guide: str) -> str:
    """A document of docs/ without its title, and with braces that Svelte does not read."""
    return guide.split("\n", 1)[1].replace("{", "&#123;").replace("}", "&#125;")


def _typeset(text: str) -> str:
    """The same text, whose lines do not break before French punctuation."""
    return re.sub(r" (?=[:;?!»](?:\s|$))|(?<=«) ", "\u00a0", text)
