"""`synchro score`: a build on the simulated territory against its truth. Linkage, presence, stock and flows.

Every rate comes with its numerator and denominator; a rate whose denominator is zero is None.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from synchro.errors import SynchroError
from synchro.settings import Settings
from synchro.warehouse import connect_read_only

Progress = Callable[[str, int, int], None]

_TRUTH_FILES = ("record_rows", "person_months")
_STEPS = 5

# The flows compared: what the truth calls them, and the columns of ind_monthly_flows that add up to them.
_FLOWS = {
    "inflow": ("inflow",),
    "newly_identified": ("inflow_newly_identified",),
    "returned_from_housing": ("inflow_returned_from_housing",),
    "returned_from_inactive": ("inflow_returned_from_inactive",),
    "outflow": ("outflow",),
    "housed": ("outflow_own_housing", "outflow_supported_housing"),
    "inactive": ("outflow_inactive",),
    "left_territory": ("outflow_left_territory",),
    "deceased": ("outflow_deceased",),
}
SERIES_LABELS = {
    "active": "Sans domicile, fin de mois",
    "inflow": "Entrées",
    "newly_identified": "  nouvellement identifiées",
    "returned_from_housing": "  retours après un logement",
    "returned_from_inactive": "  retours après perte de vue",
    "outflow": "Sorties",
    "housed": "  vers un logement",
    "inactive": "  perdues de vue",
    "left_territory": "  départs du territoire",
    "deceased": "  décès",
}


@dataclass(frozen=True)
class Rate:
    """A share with what it is made of."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        """Between 0 and 1, or None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Agreement:
    """Precision, recall and their harmonic mean."""

    precision: Rate
    recall: Rate

    @property
    def f1(self) -> float | None:
        """2PR / (P + R); None when either is undefined, 0 when both are."""
        precision, recall = self.precision.value, self.recall.value
        if precision is None or recall is None:
            return None
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class Linkage:
    """How well clusters of records match persons. Counts are of records with a known true person."""

    records: int
    records_without_truth: int
    clusters: int
    persons: int
    pairwise: Agreement
    b_cubed: Agreement
    split: Rate
    merged: Rate


@dataclass(frozen=True)
class MonthError:
    """One month of a series, in persons: `error` is compiled minus truth."""

    reference_month: str
    compiled: int
    truth: int

    @property
    def error(self) -> int:
        """Signed: positive when the build counts too many."""
        return self.compiled - self.truth

    @property
    def error_percent(self) -> float | None:
        """The error in % of the truth; None when the truth is zero."""
        return 100 * self.error / self.truth if self.truth else None


@dataclass(frozen=True)
class Series:
    """A monthly figure of the build against the truth."""

    name: str
    months: list[MonthError]

    @property
    def compiled(self) -> int:
        """Sum over the months."""
        return sum(month.compiled for month in self.months)

    @property
    def truth(self) -> int:
        """Sum over the months."""
        return sum(month.truth for month in self.months)

    @property
    def signed_percent(self) -> float | None:
        """Error of the sum, in % of the truth's sum."""
        return 100 * (self.compiled - self.truth) / self.truth if self.truth else None

    @property
    def mean_absolute_percent(self) -> float | None:
        """Mean over the months with a truth of the absolute error in %."""
        percents = self._absolute_percents()
        return sum(percents) / len(percents) if percents else None

    @property
    def max_absolute_percent(self) -> float | None:
        """The worst of these months."""
        return max(self._absolute_percents(), default=None)

    def _absolute_percents(self) -> list[float]:
        return [abs(month.error_percent) for month in self.months if month.error_percent is not None]


@dataclass(frozen=True)
class Score:
    """Everything `synchro score` measures."""

    linkage: Linkage
    homeless_months: Agreement
    seen_months: Agreement
    stock: Series
    flows: list[Series]

    def to_json(self) -> str:
        """All counts, rates and months, for a program."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def to_dict(self) -> dict[str, object]:
        """What `to_json` writes."""
        linkage = self.linkage
        return {
            "linkage": {
                **{name: getattr(linkage, name) for name in ("records", "records_without_truth")},
                **{name: getattr(linkage, name) for name in ("clusters", "persons")},
                "pairwise": _agreement_json(linkage.pairwise),
                "b_cubed": _agreement_json(linkage.b_cubed),
                "split": _rate_json(linkage.split),
                "merged": _rate_json(linkage.merged),
            },
            "homeless_person_months": _agreement_json(self.homeless_months),
            "seen_person_months": _agreement_json(self.seen_months),
            "stock": _series_json(self.stock),
            "flows": {series.name: _series_json(series) for series in self.flows},
        }

    def to_text(self) -> str:
        """The same in French, as two tables."""
        text = StringIO()
        console = Console(file=text, width=80, color_system=None)
        console.print(self._agreements_table())
        console.print(self._series_table())
        return text.getvalue()

    def _agreements_table(self) -> Table:
        linkage = self.linkage
        title = f"{linkage.records} fiches : {linkage.clusters} personnes, {linkage.persons} en vérité"
        table = Table(title=title, title_justify="left")
        for header in ("Mesure", "Précision", "Rappel", "F1"):
            table.add_column(header, justify="left" if header == "Mesure" else "right")
        for label, agreement in (
            ("Paires de fiches", linkage.pairwise),
            ("B-cubed", linkage.b_cubed),
            ("Mois-personnes (sans dom., vus)", self.homeless_months),
            ("Mois-personnes (vus)", self.seen_months),
        ):
            shares = (agreement.precision.value, agreement.recall.value, agreement.f1)
            table.add_row(label, *(_french(share, 4) for share in shares))
        for label, rate in (
            ("Personnes éclatées en plusieurs", linkage.split),
            ("Identifiants mêlant plusieurs", linkage.merged),
        ):
            percent = None if rate.value is None else 100 * rate.value
            table.add_row(label, f"{_french(percent, 2)} %", f"{rate.numerator} / {rate.denominator}", "")
        return table

    def _series_table(self) -> Table:
        table = Table(title="Stock et flux, vérité vue par les opérateurs", title_justify="left")
        headers = ("Figure", "Compilé", "Vérité", "Écart %", "par mois %", "pire %")
        for header in headers:
            table.add_column(header, justify="left" if header == "Figure" else "right")
        for series in (self.stock, *self.flows):
            errors = (series.signed_percent, series.mean_absolute_percent, series.max_absolute_percent)
            table.add_row(
                SERIES_LABELS[series.name],
                str(series.compiled),
                str(series.truth),
                *(_french(error, 1) for error in errors),
            )
        return table


def score(truth_dir: Path, settings: Settings, progress: Progress | None = None) -> Score:
    """Score the build in `settings.warehouse` against `truth_dir` (record_rows and person_months, Parquet).

    Reads raw, compiled and indicators read-only. Raises SynchroError: NO_TRUTH, NOT_BUILT, NO_MATCH (the truth
    is another territory's); those of `connect_read_only`.
    """
    files = truth_files(truth_dir)
    missing = [path.name for path in files.values() if not path.is_file()]
    if missing:
        raise SynchroError(
            "NO_TRUTH",
            f"La vérité est incomplète ({', '.join(missing)})",
            where=str(truth_dir),
            todo="donner le dossier truth/ écrit par « synchro simulate »",
        )
    with closing(connect_read_only(settings)) as con:
        con.execute("use synchro; detach vault")
        steps = _steps(progress)
        _check_built(con)
        next(steps)
        load_truth(con, files)
        next(steps)
        assign_records(con)
        linkage = score_linkage(con)
        next(steps)
        map_clusters(con)
        homeless = score_person_months(con, "is_homeless and is_seen")
        seen = score_person_months(con, "is_seen")
        next(steps)
        stock, flows = score_series(con)
        next(steps)
    return Score(linkage, homeless, seen, stock, flows)


def truth_files(truth_dir: Path) -> dict[str, Path]:
    """Where the truth of a simulated territory is, by name of table."""
    return {name: truth_dir / f"{name}.parquet" for name in _TRUTH_FILES}


def _steps(progress: Progress | None) -> Iterable[None]:
    for done in range(1, _STEPS + 1):
        if progress:
            progress("Comparaison à la vérité", done, _STEPS)
        yield


def _check_built(con: duckdb.DuckDBPyConnection) -> None:
    needed = {
        ("compiled", "bridge_person_records"),
        ("compiled", "fct_person_months"),
        ("indicators", "ind_monthly_flows"),
    }
    found = set(con.execute("select schema_name, table_name from duckdb_tables()").fetchall())
    if needed - found:
        schema, table = min(needed - found)
        raise SynchroError(
            "NOT_BUILT",
            "L'entrepôt n'est pas construit",
            where=f"{schema}.{table}",
            todo="lancer « dbt build », puis « synchro score »",
        )


def load_truth(con: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> None:
    """Temporary tables truth_rows and truth_months (one row per person and calendar month)."""
    con.execute(
        """
        create temp table truth_rows as
        select operator, extract, file, source_row, person_id
        from read_parquet(?)
        where person_id is not null
        """,
        [str(files["record_rows"])],
    )
    con.execute(
        """
        create temp table truth_months as
        select
            person_id, cast(date_trunc('month', month_end) as date) as reference_month,
            is_homeless, is_seen, seen_situation
        from read_parquet(?)
        """,
        [str(files["person_months"])],
    )


def assign_records(con: duckdb.DuckDBPyConnection) -> None:
    """Temporary table assigned: one row per record of the bridge, its cluster and its true person (or null).

    A record's true person is that of most of its rows; ties go to the smallest id. A row is found in the truth
    by the name of its file and its number in it, which is how the truth knows it.
    """
    extracts = con.execute(
        """
        select distinct deliveries.operator, deliveries.extract
        from raw.deliveries as deliveries
        where exists (
            from duckdb_columns() as columns
            where columns.schema_name = 'raw_' || deliveries.operator
                and columns.table_name = deliveries.extract and columns.column_name = '_record_id'
        )
        order by all
        """
    ).fetchall()
    rows = " union all ".join(
        f'select _delivery_id, _source_row, _record_id from "raw_{operator}"."{extract}"'
        for operator, extract in extracts
    )
    con.execute(
        f"""
        create temp table assigned as
        with landed_rows as ({rows or "select null, null, null limit 0"}),

        votes as (
            select landed_rows._record_id as record_id, truth_rows.person_id, count(*) as row_count
            from landed_rows
            inner join raw.deliveries as deliveries on landed_rows._delivery_id = deliveries.delivery_id
            inner join truth_rows
                on deliveries.operator = truth_rows.operator
                and deliveries.extract = truth_rows.extract
                and deliveries.file_name = truth_rows.file
                and landed_rows._source_row = truth_rows.source_row
            where landed_rows._record_id is not null
            group by all
        ),

        record_persons as (
            select record_id, person_id
            from votes
            qualify row_number() over (partition by record_id order by row_count desc, person_id) = 1
        )

        select bridge.record_id, bridge.person_id as cluster_id, record_persons.person_id
        from compiled.bridge_person_records as bridge
        left join record_persons on bridge.record_id = record_persons.record_id
        """
    )


def score_linkage(con: duckdb.DuckDBPyConnection) -> Linkage:
    """Pairwise and B-cubed agreement of the clusters in `assigned` with the true persons.

    Both come from the contingency table, with n records in the cell of a cluster of a records and a person of
    b records; no pair is enumerated.

    - Pairwise (Hubert & Arabie 1985, Comparing partitions): pairs together in both are the sum of n(n-1)/2 over
      cells; together in the clusters, the sum of a(a-1)/2 over clusters, which is the sum of n(a-1)/2 over
      cells; together in the truth likewise with b.
    - B-cubed (Bagga & Baldwin 1998): mean over records of the share of their cluster that is their own person
      (precision: sum of n²/a over cells, by the number of records) and of the share of their person that is in
      their cluster (recall: sum of n²/b).

    Raises SynchroError NO_MATCH when no record has a true person.
    """
    cells = con.execute(
        """
        with cells as (
            select cluster_id, person_id, count(*) as cell_size
            from assigned
            where person_id is not null
            group by all
        ),

        sized as (
            select
                cell_size,
                cast(sum(cell_size) over (partition by cluster_id) as bigint) as cluster_size,
                cast(sum(cell_size) over (partition by person_id) as bigint) as person_size
            from cells
        )

        select cell_size, cluster_size, person_size, count(*) as cell_count from sized group by all order by all
        """
    ).fetchall()
    if not cells:
        raise SynchroError(
            "NO_MATCH",
            "Aucune ligne de l'entrepôt ne se retrouve dans cette vérité",
            todo="donner la vérité du territoire simulé qui a été déposé",
        )
    records, without_truth, clusters, persons = con.execute(
        """
        select
            count(person_id), count(*) - count(person_id),
            count(distinct cluster_id) filter (where person_id is not null), count(distinct person_id)
        from assigned
        """
    ).fetchone()
    together = sum(count * n * (n - 1) // 2 for n, _, _, count in cells)
    in_clusters = sum(count * n * (a - 1) for n, a, _, count in cells) // 2
    in_truth = sum(count * n * (b - 1) for n, _, b, count in cells) // 2
    own_in_cluster = math.fsum(count * n * n / a for n, a, _, count in cells)
    found_of_person = math.fsum(count * n * n / b for n, _, b, count in cells)
    return Linkage(
        records=records,
        records_without_truth=without_truth,
        clusters=clusters,
        persons=persons,
        pairwise=Agreement(Rate(together, in_clusters), Rate(together, in_truth)),
        b_cubed=Agreement(Rate(own_in_cluster, records), Rate(found_of_person, records)),
        split=Rate(_spread(con, "person_id", "cluster_id"), persons),
        merged=Rate(_spread(con, "cluster_id", "person_id"), clusters),
    )


def _spread(con: duckdb.DuckDBPyConnection, group: str, member: str) -> int:
    """How many groups of `assigned` hold more than one member."""
    return con.execute(
        f"""
        select count(*) from (
            select {group} from assigned where person_id is not null
            group by {group} having count(distinct {member}) > 1
        )
        """
    ).fetchone()[0]


def map_clusters(con: duckdb.DuckDBPyConnection) -> None:
    """Temporary table cluster_persons: the true person of most of a cluster's records, ties to the smallest."""
    con.execute(
        """
        create temp table cluster_persons as
        select cluster_id, person_id
        from assigned
        where person_id is not null
        group by cluster_id, person_id
        qualify row_number() over (partition by cluster_id order by count(*) desc, person_id) = 1
        """
    )


def score_person_months(con: duckdb.DuckDBPyConnection, condition: str) -> Agreement:
    """Compiled active person-months against the truth's months where `condition` holds, in the same months.

    A true person is found once a month: a second cluster of the same person is a false positive, as is a
    cluster of nobody known.
    """
    found, compiled, truth = con.execute(
        f"""
        with compiled_months as (
            select fct_person_months.reference_month, cluster_persons.person_id
            from compiled.fct_person_months
            left join cluster_persons on fct_person_months.person_id = cluster_persons.cluster_id
            where fct_person_months.status = 'active'
        ),

        true_months as (
            select reference_month, person_id
            from truth_months
            where
                {condition}
                and reference_month between
                (select min(reference_month) from compiled.fct_person_months)
                and (select max(reference_month) from compiled.fct_person_months)
        ),

        found_months as (
            select true_months.person_id
            from true_months
            semi join compiled_months
                on true_months.person_id = compiled_months.person_id
                and true_months.reference_month = compiled_months.reference_month
        )

        select
            (select count(*) from found_months),
            (select count(*) from compiled_months),
            (select count(*) from true_months)
        """
    ).fetchone()
    return Agreement(Rate(found, compiled), Rate(found, truth))


def score_series(con: duckdb.DuckDBPyConnection) -> tuple[Series, list[Series]]:
    """The monthly stock, and each flow from the second month on (the first month's entries are the list itself).

    The truth's states and transitions are those of the definitions, applied to what the operators saw: active
    while seen; else deceased, gone, housed or outside the perimeter by the last thing seen; else inactive.
    """
    con.execute(
        """
        create temp table true_statuses as
        select
            person_id, reference_month,
            case
                when is_seen then 'active'
                when seen_situation = 'deceased' then 'deceased'
                when seen_situation = 'left_territory' then 'left_territory'
                when seen_situation in ('own_housing', 'supported_housing') then 'housed'
                else 'inactive'
            end as status,
            min(reference_month) filter (where is_seen) over (partition by person_id) as first_active_month
        from truth_months
        where reference_month in (from indicators.ind_monthly_flows select reference_month)
        """
    )
    con.execute(
        """
        create temp table true_flows as
        with moves as (
            select
                reference_month, status, first_active_month,
                lag(status) over (partition by person_id order by reference_month) as previous_status
            from true_statuses
        )

        select reference_month, 'inflow' as flow, count(*) as persons
        from moves where status = 'active' and previous_status is distinct from 'active'
        group by all
        union all
        select
            reference_month,
            case when first_active_month = reference_month then 'newly_identified'
                else 'returned_from_' || replace(previous_status, 'housed', 'housing') end,
            count(*)
        from moves where status = 'active' and previous_status is distinct from 'active'
        group by all
        union all
        select reference_month, 'outflow', count(*)
        from moves where status != 'active' and previous_status = 'active'
        group by all
        union all
        select reference_month, status, count(*)
        from moves where status != 'active' and previous_status = 'active'
        group by all
        union all
        select reference_month, 'active', count(*) from true_statuses where status = 'active' group by all
        """
    )
    stock = _series(con, "active", ("active_end",))
    flows = [_series(con, flow, columns) for flow, columns in _FLOWS.items()]
    return stock, [Series(series.name, series.months[1:]) for series in flows]


def _series(con: duckdb.DuckDBPyConnection, flow: str, columns: tuple[str, ...]) -> Series:
    months = con.execute(
        f"""
        select
            strftime(flows.reference_month, '%Y-%m'),
            cast({" + ".join(f"flows.{column}" for column in columns)} as bigint),
            coalesce(true_flows.persons, 0)
        from indicators.ind_monthly_flows as flows
        left join true_flows
            on flows.reference_month = true_flows.reference_month and true_flows.flow = ?
        where flows.unit = 'person' and flows.segment_type = 'total'
        order by flows.reference_month
        """,
        [flow],
    ).fetchall()
    return Series(flow, [MonthError(*month) for month in months])


def _rate_json(rate: Rate) -> dict[str, float | None]:
    return {**asdict(rate), "value": rate.value}


def _agreement_json(agreement: Agreement) -> dict[str, object]:
    return {
        "precision": _rate_json(agreement.precision),
        "recall": _rate_json(agreement.recall),
        "f1": agreement.f1,
    }


def _series_json(series: Series) -> dict[str, object]:
    return {
        "compiled": series.compiled,
        "truth": series.truth,
        "signed_percent": series.signed_percent,
        "mean_absolute_percent": series.mean_absolute_percent,
        "max_absolute_percent": series.max_absolute_percent,
        "months": [{**asdict(month), "error": month.error} for month in series.months],
    }


def _french(value: float | None, digits: int) -> str:
    """A number as French readers write it; a dash when there is none."""
    return "–" if value is None else f"{value:.{digits}f}".replace(".", ",")
