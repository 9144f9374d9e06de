"""The simulated territory with its default errors: the project's linkage against Splink in clear text, same records.

Fields of both: last, first and birth name, birth date, sex, NUR and AGDREF numbers. The build also knows households
and stays; a row of its own says what the linkage gives without them, on the same fields as Splink.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from bench.keys import BENCH_KEYS
from bench.linkage.clear import SHARED_NUMBERS, ClearLinkage
from bench.linkage.harness import Linkage
from bench.linkage.metrics import agreement_of, scored_pairs
from bench.linkage.printing import Aim, show, tell
from bench.linkage.program import compile_program
from bench.linkage.trained import train_weights
from synchro.build import run_dbt
from synchro.contracts import load_contracts
from synchro.encoding import Encoded, Encoder, Identities
from synchro.errors import SynchroError
from synchro.guard import KnownValues
from synchro.inbox import examine, list_inbox, read_bytes
from synchro.keys import load_keys
from synchro.landing import land
from synchro.preparing import prepare
from synchro.readers import read
from synchro.score import Agreement, assign_records, load_truth, score_linkage
from synchro.settings import Settings
from synchro.simulate import simulate
from synchro.warehouse import connect_read_only

MARGIN, AIM_CLUSTERS = 0.01, 0.96
_NAMES = ("last_name", "first_name", "birth_name", "birth_date")


class RememberingEncoder(Encoder):
    """An encoder that remembers which identity each keyed id stands for. For made-up persons only."""

    def __init__(self, keys) -> None:
        super().__init__(keys)
        self.identities: dict[str, tuple[str | None, ...]] = {}

    def encode(self, identities: Identities, known: Collection[str] = frozenset()) -> Encoded:
        encoded = super().encode(identities, known)
        columns = [field.to_arrow().cast("string").to_pylist() for field in identities.fields]
        for code, *values in zip(encoded.codes.tolist(), *columns, strict=True):
            if code >= 0:
                self.identities[encoded.identity_ids[code]] = tuple(values)
        return encoded


def measure_simulated(folder: Path) -> None:
    """Print F1 of pairs and of clusters on both sides."""
    territory = folder / "territory"
    settings = Settings.in_folder(folder)
    tell("territoire simulé : réception et construction")
    simulate(territory)
    write_keys(settings)
    land(territory / "inbox", settings)
    result = run_dbt(
        settings,
        ["build", "--select", "+bridge_person_records", "--exclude-resource-type", "test", "unit_test"],
        target_dir=folder / "target",
    )
    if result.failed:
        raise SystemExit(f"the build failed on {', '.join(result.failed)}")
    with closing(connect_read_only(settings)) as con:
        con.execute("use synchro")
        load_truth(con, {n: territory / "truth" / f"{n}.parquet" for n in ("record_rows", "person_months")})
        assign_records(con)
        _report(con, settings, territory / "inbox", folder)


def write_keys(settings: Settings) -> None:
    """The known keys of the benches, as the file that the loader reads."""
    secrets = {name: getattr(BENCH_KEYS, name).hex() for name in ("k1", "k2", "publication")}
    settings.keys.parent.mkdir(parents=True, exist_ok=True)
    settings.keys.write_text(json.dumps({"territory": settings.variables["territory"], **secrets}), encoding="utf-8")
    settings.keys.chmod(0o600)


def _report(con: duckdb.DuckDBPyConnection, settings: Settings, inbox: Path, folder: Path) -> None:
    records = con.execute("from vault.linked.lnk_records order by record_id, identity_id").to_arrow_table()
    truth = con.execute(
        """
        select record_id as id, 'territory' as source, person_id as entity
        from assigned where person_id is not null order by record_id
        """
    ).df()
    program = compile_program(folder / "compiled")
    # An empty linkage, for its truth and measures.
    measuring = Linkage(program, records.slice(0, 0), truth)

    def measured(who: str, pairs: pa.Table, clusters: pa.Table) -> list[object]:
        measuring.connection.register("found_pairs", pairs)
        found = agreement_of(measuring, "from found_pairs")
        return [who, *_shares(found), *_cluster_figures(truth, clusters)]

    rows = [_built(con, measured)]
    alone = _same_fields(records)
    rows.append(_linked("SYNCHRØ, mêmes champs que Splink", Linkage(program, alone, truth).run(), measured))
    for who, given in (("SYNCHRØ entraîné, mêmes champs", alone), ("SYNCHRØ entraîné, ménages aussi", records)):
        linkage = Linkage(program, given, truth)
        try:
            train_weights(linkage)
        except SynchroError as error:
            tell(f"{who} : entraînement refusé : {error}")
            continue
        rows.append(_linked(who, linkage.run(), measured))
    tell("Splink : relecture des fichiers en clair, entraînement, prédiction, regroupement")
    splink = ClearLinkage(_clear_rows(records, clear_identities(inbox, settings))).train().predict()
    pairs = splink.connection.execute("select record_id_l, record_id_r from clear_pairs").to_arrow_table()
    clusters = splink.connection.execute("select record_id, cluster_id from clear_clusters").to_arrow_table()
    rows.append(measured("Splink, texte clair", pairs, clusters))
    to_beat = rows[-1][3]
    aims = [Aim(f"F1 des paires, {row[0]}", row[3], to_beat + MARGIN) for row in rows[:-1]]
    aims += [Aim(f"F1 B-cubed, {row[0]}", row[5], AIM_CLUSTERS) for row in rows[:-1]]
    title = f"Territoire simulé, erreurs par défaut : {len(truth)} fiches de {truth['entity'].nunique()} personnes"
    headers = ("who", "precision", "recall", "f1_pairs", "f1_clusters", "b_cubed")
    show("simulated territory", title, headers, rows, aims)


def _built(con: duckdb.DuckDBPyConnection, measured) -> list[object]:
    pairs = con.execute(
        "select record_id_l, record_id_r from vault.linked.lnk_scored_pairs where match_probability >= 0.9"
    ).to_arrow_table()
    clusters = con.execute("select record_id, cluster_id from assigned").to_arrow_table()
    return measured("SYNCHRØ, construction entière", pairs, clusters)


def _linked(who: str, linkage: Linkage, measured) -> list[object]:
    pairs = linkage.connection.execute(scored_pairs(linkage)).to_arrow_table()
    persons = linkage.name_of("lnk_person_records")
    query = f"select record_id, person_id as cluster_id from {persons}"
    return measured(who, pairs, linkage.connection.execute(query).to_arrow_table())


def _shares(found: Agreement) -> tuple[float | None, ...]:
    return found.precision.value, found.recall.value, found.f1


def _cluster_figures(truth: pd.DataFrame, clusters: pa.Table) -> tuple[float | None, float | None]:
    """F1 of pairs within clusters, and of B-cubed, as `synchro score` counts them."""
    with duckdb.connect() as con:
        con.execute("create temp table assigned as select id as record_id, cluster_id, entity as person_id "
                    "from truth inner join clusters on truth.id = clusters.record_id")  # fmt: skip
        linkage = score_linkage(con)
    return linkage.pairwise.f1, linkage.b_cubed.f1


def _same_fields(records: pa.Table) -> pa.Table:
    for name in ("household_record_id", "household_number"):
        place = records.schema.get_field_index(name)
        records = records.set_column(place, name, pa.nulls(len(records), records.schema.field(name).type))
    return records


def clear_identities(inbox: Path, settings: Settings) -> dict[str, tuple[str | None, ...]]:
    """Last, first, birth name and birth date behind each identity_id: the inbox read again as the loader does."""
    contracts = load_contracts(settings.project_dir)
    encoder = RememberingEncoder(load_keys(settings.keys))
    known_values = KnownValues(settings.project_dir)
    for path, operator in list_inbox(inbox):
        for file, error in examine(path, operator, contracts, str(settings.variables["territory"])):
            if error is None:
                delivery = read(read_bytes(path), file.extract)
                prepare(delivery, file.extract, file.month, encoder, known_values)
    return encoder.identities


def _clear_rows(records: pa.Table, identities: dict[str, tuple[str | None, ...]]) -> pd.DataFrame:
    """One row per record and identity in force, with the fields that the linkage has."""
    frame = records.select(["record_id", "identity_id", "sex"]).to_pandas()
    rows = pd.DataFrame({"unique_id": frame["record_id"] + frame["identity_id"], "record_id": frame["record_id"]})
    found = [identities.get(id_, (None,) * len(_NAMES)) for id_ in frame["identity_id"]]
    for place, name in enumerate(_NAMES):
        rows[name] = pd.Series([identity[place] for identity in found], dtype=object)
    rows["sex"] = frame["sex"].where(frame["sex"].isin(["female", "male"]), None)
    for name in SHARED_NUMBERS:
        rows[name] = records[name].cast("string").to_pandas()
    return rows
