"""A profile as one page in French that needs nothing else; and the words for how sure a guess is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader

from synchro.french import number

if TYPE_CHECKING:
    from synchro.onboarding.profiling import FileProfile


def sureness(score: float) -> str:
    """A score (0 to 1) in a word."""
    return "sûr" if score >= 0.85 else "probable" if score >= 0.6 else "à vérifier"


def percent(share: float) -> str:
    """A share (0 to 1) as a whole percentage; what is not quite all or nothing does not read so."""
    value = round(100 * share)
    if value in (0, 100) and share not in (0, 1):
        return "< 1\u202f%" if value == 0 else "> 99\u202f%"
    return f"{value}\u202f%"


def write_report(profile: FileProfile, path: Path) -> None:
    """The page at `path`."""
    environment = Environment(loader=PackageLoader("synchro.onboarding"), autoescape=True, trim_blocks=True)
    environment.lstrip_blocks = True
    environment.filters |= {"percent": percent, "sureness": sureness, "number": number}
    path.parent.mkdir(parents=True, exist_ok=True)
    page = environment.get_template("profile.html.j2").render(profile=profile)
    # A quotation mark never stands alone at the end of a line.
    path.write_text(page.replace("« ", "«\u202f").replace(" »", "\u202f»"), encoding="utf-8")
