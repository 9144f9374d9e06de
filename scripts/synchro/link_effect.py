"""What linkage costs: the list built again without any link, and with the true ones, each scored like our own.

The marts are those of dbt, on copies of the two files in which only `lnk_person_records` was written anew. So what
our links and the true ones give apart is the error of linkage; what the true ones leave is what operators do not
see, or say too late.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from rich.console import Console
from rich.table import Table

from synchro.build import dbt_build
from synchro.french import number
from synchro.score import SERIES_LABELS, Rate, Score, assign_records, load_truth, score, truth_files
from synchro.settings import Settings
from synchro.warehouse import connect_to_write

Progress = Callable[[str, int, int], None]

# What lies between the persons and the figures that are scored.
_REBUILT = ("--select", "bridge_person_records+,+ind_monthly_flows", "--exclude-resource-type", "test", "unit_test")
# Every record is a person.
_NO_LINKS = "update vault.linked.lnk_person_records set person_id = record_id, cluster_size = 1"
# A person is named after the earliest received record, as the linkage does; a record of nobody known stays alone.
_TRUE_LINKS = """
    create temp table true_persons as
    with received as (
        select record_id, min(first_received_at) as received_at
        from vault.linked.lnk_records
        group by record_id
    ),

    grouped as (
        select received.record_id, received.received_at, coalesce(assigned.person_id, received.record_id) as true_id
        from received
        left join assigned on received.record_id = assigned.record_id
    )

    select
        record_id,
        first_value(record_id) over (partition by true_id order by received_at, record_id) as person_id,
        count(*) over (partition by true_id) as cluster_size
    from grouped;

    update vault.linked.lnk_person_records as person_records
    set person_id = true_persons.person_id, cluster_size = true_persons.cluster_size
    from true_persons
    where person_records.record_id = true_persons.record_id
"""


@dataclass(frozen=True)
class LinkEffect:
    """The same deliveries scored with no link between records, with our links, and with the true ones."""

    without_links: Score
    built: Score
    true_links: Score

    def to_json(self) -> str:
        """The score of the build, as `Score.to_json` writes it, and the two others under `links`."""
        links = {"without_links": self.without_links.to_dict(), "true_links": self.true_links.to_dict()}
        return json.dumps({**self.built.to_dict(), "links": links}, ensure_ascii=False, indent=2) + "\n"

    def to_text(self) -> str:
        """The score of the build, then a table in French of what the links change."""
        text = StringIO()
        Console(file=text, width=80, color_system=None).print(self._table())
        return self.built.to_text() + text.getvalue()

    def _table(self) -> Table:
        table = Table(
            title="Ce que coûte le rapprochement : écarts à la vérité vue, en %",
            caption="« Dû aux liens » : nos liens moins les liens vrais, en points de %.\n"
            "L'écart qui demeure avec les liens vrais : ce que les opérateurs ne disent pas, ou trop tard.",
            title_justify="left",
            caption_justify="left",
        )
        table.add_column("Figure", no_wrap=True)
        for header in ("Sans lien", "Nos liens", "Liens vrais", "Dû aux liens"):
            table.add_column(header, justify="right", no_wrap=True)
        scores = (self.without_links, self.built, self.true_links)
        table.add_row("Personnes éclatées", *_cells([_percent(scored.linkage.split) for scored in scores]))
        table.add_row("Identifiants mêlés", *_cells([_percent(scored.linkage.merged) for scored in scores]))
        for series in zip(*((scored.stock, *scored.flows) for scored in scores), strict=True):
            table.add_row(SERIES_LABELS[series[0].name], *_cells([figure.signed_percent for figure in series]))
        worst = [scored.stock.max_absolute_percent for scored in scores]
        table.add_row("Sans domicile, pire mois", *_cells(worst))
        return table


def score_with_links(truth_dir: Path, settings: Settings, progress: Progress | None = None) -> LinkEffect:
    """Score the build, then two others made from copies of it; the warehouse itself is only read.

    Raises SynchroError: those of `score`, and BUILD_FAILED.
    """
    built = score(truth_dir, settings, progress)
    with _copies(settings) as draft:
        with closing(connect_to_write(draft)) as con:
            _give_true_links(con, truth_dir)
        true_links = _rebuilt(truth_dir, draft, "Liste avec les liens vrais (dbt)", progress)
        with closing(connect_to_write(draft)) as con:
            con.execute(_NO_LINKS)
        without_links = _rebuilt(truth_dir, draft, "Liste sans aucun lien (dbt)", progress)
    return LinkEffect(without_links, built, true_links)


@contextmanager
def _copies(settings: Settings) -> Iterator[Settings]:
    """Copies of the two files beside them (the vault does not leave its disk), gone at the end."""
    with TemporaryDirectory(dir=settings.warehouse.parent, prefix=".score-") as folder:
        draft = replace(
            settings, warehouse=Path(folder, settings.warehouse.name), vault=Path(folder, settings.vault.name)
        )
        shutil.copy2(settings.warehouse, draft.warehouse)
        shutil.copy2(settings.vault, draft.vault)
        yield draft


def _give_true_links(con: duckdb.DuckDBPyConnection, truth_dir: Path) -> None:
    con.execute("use synchro")
    load_truth(con, truth_files(truth_dir))
    assign_records(con)
    con.execute(_TRUE_LINKS)


def _rebuilt(truth_dir: Path, draft: Settings, label: str, progress: Progress | None) -> Score:
    """The score of the draft once dbt made its marts anew."""
    named = (lambda _, done, total: progress(label, done, total)) if progress else None
    # Not in the project's own target folder: what the last build did is read there.
    dbt_build(draft, named, _REBUILT, target_dir=draft.warehouse.parent / "target")
    return score(truth_dir, draft)


def _percent(rate: Rate) -> float | None:
    return None if rate.value is None else 100 * rate.value


def _cells(figures: Sequence[float | None]) -> list[str]:
    """Without links, ours, the true ones, and ours minus the true ones."""
    _, ours, true = figures
    due = None if ours is None or true is None else ours - true
    return ["–" if figure is None else number(figure, 1) for figure in (*figures, due)]
