"""The note of a month: what each part says, then the page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typst

from synchro.brief import action, drawings, figures, trust
from synchro.brief.caveats import caveat_of
from synchro.brief.facts import FACTS, candidates, choose, told
from synchro.brief.publication import Publication
from synchro.brief.rules import load_caveats, load_rules
from synchro.errors import SynchroError
from synchro.files import write_document
from synchro.french import month_name, spaced
from synchro.settings import Settings

_PAGES = Path(__file__).parents[1] / "pages"
_EDITIONS = {
    "internal": (
        "interne",
        "Édition interne, pour les personnes habilitées des organismes sous convention et elles seules : "
        "effectifs exacts, à ne pas rediffuser.",
    ),
    "public": ("publique", "Édition publique : effectifs arrondis, petits effectifs masqués."),
}
_KINDS = {"movement": "Mouvement", "opportunity": "Opportunité d'action", "data": "Qualité des données"}


@dataclass(frozen=True)
class Written:
    """The note that was written."""

    path: Path
    month: date
    titles: list[str]


def write_brief(settings: Settings, audience: str, month: date | None = None, out: Path | None = None) -> Written:
    """Write the note of a month (default: the last published) from `published/<audience>`; same bytes every time.

    Raises SynchroError: AUDIENCE, NO_PUBLICATION, PUBLICATION, MONTH, BRIEF_RULES, WRITE.
    """
    if audience not in _EDITIONS:
        raise SynchroError(
            "AUDIENCE", "Ce public n'existe pas", where=audience, todo="choisir « internal » ou « public »"
        )
    publication = Publication(settings.published / audience, audience)
    asked = publication.month(month)
    content = brief_content(publication, settings.project_dir, asked)
    name = f"note-{asked:%Y-%m}-{_EDITIONS[audience][0]}.pdf"
    path = out or settings.project_dir / "documents" / name
    # Only its owner and group read it.
    write_document(path, typeset(content), 0o640)
    return Written(path, asked, [fact["title"] for fact in content["facts"]])


def brief_content(publication: Publication, project_dir: Path, month: date) -> dict[str, Any]:
    """Everything the page shows, as text that is ready to print, and charts as SVG."""
    edition, notice = _EDITIONS[publication.audience]
    rules, caveats = load_rules(project_dir), load_caveats(project_dir)
    found, examined = candidates(publication, rules, month)
    facts = [told(fact, publication, caveat_of(fact, publication, caveats)) for fact in choose(found)]
    content = {
        "territory": str(publication.dictionary["territory"]).capitalize(),
        "month": month_name(month),
        "edition": edition,
        "notice": notice,
        "is_synthetic": publication.is_synthetic,
        "headline": figures.headline(publication, month),
        "charts": {
            "stock": drawings.stock_chart(publication, month),
            "flows": drawings.flow_chart(publication, month),
            "durations": drawings.duration_chart(publication, month),
            **drawings.movements(publication, month),
        },
        "changes": figures.changes(publication, month),
        "facts": [{**asdict(fact), "kind": _KINDS[fact.kind]} for fact in facts],
        "facts_title": _facts_title(len(facts)),
        "durations": figures.durations(publication, month),
        "needs": action.needs(publication, month),
        "opportunities": action.opportunities(publication, month),
        "reliability": trust.reliability(publication, month),
        "calendar": trust.calendar(publication, month),
        "revisions": trust.revisions(publication, month),
        "programme": trust.programme(publication, month),
        "method": trust.method(publication, examined),
    }
    # Last, once every figure has been written.
    return _spaced({**content, "legend": publication.legend()})


def typeset(content: dict[str, Any], **options: Any) -> bytes:
    """The page as an accessible PDF (PDF/UA-1); `options` go to Typst, such as `format="png"`."""
    data = {"data": json.dumps(content, ensure_ascii=False, sort_keys=True)}
    options = {"pdf_standards": ["ua-1"], **options}
    return typst.compile(_PAGES / "note.typ", root=_PAGES, sys_inputs=data, ignore_system_fonts=True, **options)


def _facts_title(count: int) -> str:
    """The heading of the facts; it says so when too few pass their thresholds."""
    if count == FACTS:
        return "Cinq faits à discuter"
    return "Faits à discuter" + (" : peu passent les seuils ce mois-ci" if count else " : aucun ne passe les seuils")


def _spaced(value: Any) -> Any:
    """The same content with the spaces that French does not break."""
    if isinstance(value, dict):
        return {key: one if key == "svg" else _spaced(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_spaced(one) for one in value]
    return spaced(value) if isinstance(value, str) else value
