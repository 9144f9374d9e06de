"""50 000 records: blocking, scoring and clustering in SQL with given weights, against Splink in clear text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bench.linkage.clear import U_PAIRS, U_PAIRS_ADVISED, ClearLinkage, clear_rows
from bench.linkage.harness import Linkage, identities
from bench.linkage.metrics import agreement_of, scored_pairs
from bench.linkage.people import made_up_people
from bench.linkage.printing import Aim, show, tell
from bench.linkage.program import compile_program

RECORDS = 50_000
MONTH_END = date(2024, 1, 31)


def measure_speed(folder: Path) -> None:
    """Print seconds of each step, and ratios; loading and encoding are left out on both sides."""
    people = made_up_people(RECORDS)
    tell(f"{RECORDS} fiches : SYNCHRØ")
    program = compile_program(folder)
    # The first of two runs also warms the machine: the better one counts, as for Splink's prediction.
    ours = min((Linkage.of(program, people, MONTH_END).run() for _ in range(2)), key=lambda done: done.total_seconds)
    link = ours.total_seconds
    rows = [["SYNCHRØ, poids donnés", None, link, link, agreement_of(ours, scored_pairs(ours)).f1]]
    slowest = sorted(ours.seconds.items(), key=lambda step: -step[1])[:3]
    rows += [[f"  dont {name}", None, seconds, None, None] for name, seconds in slowest]
    clear = clear_rows(people, identities(people, MONTH_END))
    aims = []
    for u_pairs in (U_PAIRS, U_PAIRS_ADVISED):
        tell(f"Splink : entraînement (u sur {u_pairs:.0e} paires au plus), prédiction, regroupement")
        trained = ClearLinkage(clear).train(u_pairs)
        # In a linkage of its own, as who has weights would: nothing is left over from the training.
        splink = min((ClearLinkage(clear, trained.trained_model()).predict() for _ in range(2)), key=_link_seconds)
        train, predict = trained.seconds["train"], _link_seconds(splink)
        ours.connection.register("clear_pairs", splink.connection.execute("from clear_pairs").to_arrow_table())
        f1 = agreement_of(ours, "select record_id_l, record_id_r from clear_pairs").f1
        rows.append([f"Splink, texte clair, u sur {u_pairs:.0e} paires", train, predict, train + predict, f1])
        aims.append(Aim(f"Splink entraînement compris (u : {u_pairs:.0e}) / SYNCHRØ", (train + predict) / link, 10))
    aims.append(Aim("SYNCHRØ / Splink à poids donnés", link / predict, 1, at_most=True))
    show("speed", f"{RECORDS} fiches, secondes", ("who", "train_s", "link_s", "total_s", "f1_pairs"), rows, aims)


def _link_seconds(splink: ClearLinkage) -> float:
    return splink.seconds["predict"] + splink.seconds["cluster"]
