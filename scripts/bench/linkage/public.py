"""FEBRL 4, FEBRL 3 and the sample of pseudopeople, by names and birth date only: pairs, clusters, blocking rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from bench.linkage.harness import Linkage, encoded_records
from bench.linkage.metrics import agreement_of, blocking_yield, clustered_pairs, scored_pairs
from bench.linkage.printing import Aim, show, tell
from bench.linkage.program import Program, compile_program
from bench.linkage.trained import train_weights
from synchro.errors import SynchroError
from synchro.score import Agreement

ONE_TO_ONE = ["a", "b"]


@dataclass(frozen=True)
class DataSet:
    """A list of others, when it was written, and the F1 to beat and to reach."""

    name: str
    written: date
    to_beat: float
    aim: float
    across_sources: bool = False
    one_to_one_aim: float | None = None


DATA_SETS = (
    DataSet("febrl4", date(2005, 12, 31), 0.928, 0.97, across_sources=True, one_to_one_aim=0.985),
    DataSet("febrl3", date(2005, 12, 31), 0.886, 0.94),
    DataSet("pseudopeople", date(2020, 12, 31), 0.973, 0.985),
)


@dataclass(frozen=True)
class Result:
    """What one set of weights gives on one data set; None where nothing was measured."""

    data: str
    weights: str
    declared: str
    pairs: Agreement
    clusters: Agreement

    @property
    def row(self) -> list[object]:
        shares = (self.pairs.precision.value, self.pairs.recall.value, self.pairs.f1, self.clusters.f1)
        return [self.data, self.weights, self.declared, *shares]


def measure_public(folder: Path, data: Path, names: tuple[str, ...]) -> None:
    """Print the two reports for the data sets named."""
    several = compile_program(folder)
    single = compile_program(folder, {"operators_without_duplicates": ONE_TO_ONE})
    results: list[Result] = []
    aims: list[Aim] = []
    for data_set in (known for known in DATA_SETS if known.name in names):
        people = pd.read_parquet(data / f"{data_set.name}.parquet")
        tell(f"{data_set.name} : {len(people)} fiches")
        records = encoded_records(people, data_set.written)
        linkage = Linkage(several, records, people[["id", "source", "entity"]]).run()
        measured = [(data_set, "défaut", linkage)]
        try:
            measured.append((data_set, "entraînés", trained(several, records, people)))
        except SynchroError as error:
            tell(f"{data_set.name} : entraînement refusé : {error}")
        for of, label, done in measured:
            results.append(_result(of, label, "-", done))
            aims.append(Aim(f"F1 à battre, {of.name}, poids {label}", results[-1].pairs.f1, of.to_beat))
            aims.append(Aim(f"F1 {of.name}, poids {label}", results[-1].pairs.f1, of.aim))
            if of.one_to_one_aim:
                again = replaced(done, single, records, people)
                results.append(_result(of, label, "un pour un", again))
                aims.append(
                    Aim(f"F1 {of.name} un pour un, poids {label}", results[-1].clusters.f1, of.one_to_one_aim)
                )
        _show_blocking(data_set, linkage)
    headers = ("data", "weights", "declared", "precision", "recall", "f1_pairs", "f1_clusters")
    show(
        "public data",
        "Données publiques, noms et date de naissance, seuil 0,9",
        headers,
        [r.row for r in results],
        aims,
    )


def trained(program: Program, records: pa.Table, people: pd.DataFrame) -> Linkage:
    """The linkage of these records with weights learnt from them, without their truth."""
    linkage = Linkage(program, records, people[["id", "source", "entity"]])
    train_weights(linkage)
    return linkage.run()


def replaced(linkage: Linkage, program: Program, records: pa.Table, people: pd.DataFrame) -> Linkage:
    """The same records and weights under another program."""
    again = Linkage(program, records, people[["id", "source", "entity"]])
    weights = linkage.connection.execute(f"from {linkage.name_of('link_weights')}").df()
    model = linkage.connection.execute(f"from {linkage.name_of('link_model')}").df().iloc[0].to_dict()
    again.use_weights(weights, model)
    return again.run()


def _result(data_set: DataSet, weights: str, declared: str, linkage: Linkage) -> Result:
    across = data_set.across_sources
    pairs = agreement_of(linkage, scored_pairs(linkage), across)
    clusters = agreement_of(linkage, clustered_pairs(linkage), across)
    return Result(data_set.name, weights, declared, pairs, clusters)


def _show_blocking(data_set: DataSet, linkage: Linkage) -> None:
    found = blocking_yield(linkage, data_set.across_sources)
    rows = [[rule.rule, rule.pairs, rule.true_kept, rule.true_alone] for rule in found.rules]
    rows.append(["(toutes)", found.pairs, int(found.kept.numerator), None])
    rows.append(["(part gardée ; paires par fiche)", found.pairs / found.records, found.kept.value, None])
    title = f"{data_set.name} : {found.records} fiches, {int(found.kept.denominator)} vraies paires"
    show(f"blocking {data_set.name}", title, ("rule", "pairs", "true_kept", "true_alone"), rows)
