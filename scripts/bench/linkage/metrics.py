"""How well pairs and clusters of records agree with the true persons, and what each blocking rule brings."""

from __future__ import annotations

from dataclasses import dataclass

from bench.linkage.harness import THRESHOLD, Linkage
from synchro.score import Agreement, Rate

_BLOCKING_KEYS, _CANDIDATES = "lnk_blocking_keys", "lnk_candidate_pairs"


def true_pairs(linkage: Linkage, across_sources: bool = False) -> int:
    """Pairs of records of one person; with across_sources, those of two sources only."""
    return _one(
        linkage,
        f"""
        with sources as (select entity, source, count(*) as record_count from truth group by all),
        entities as (
            select sum(record_count) as total, sum(record_count * record_count) as squares,
                sum(record_count * (record_count - 1)) as within
            from sources group by entity
        )
        select coalesce(sum(total * total - squares{"" if across_sources else " + within"}), 0) // 2 from entities
        """,
    )


def agreement_of(linkage: Linkage, pairs: str, across_sources: bool = False) -> Agreement:
    """Precision and recall of a relation or query of distinct pairs record_id_l, record_id_r."""
    scope = "where l.source != r.source" if across_sources else ""
    right, found = linkage.connection.execute(
        f"""
        select count(*) filter (where l.entity = r.entity), count(*)
        from ({pairs}) as pairs
        inner join truth as l on pairs.record_id_l = l.record_id
        inner join truth as r on pairs.record_id_r = r.record_id
        {scope}
        """
    ).fetchone()
    return Agreement(Rate(right, found), Rate(right, true_pairs(linkage, across_sources)))


def scored_pairs(linkage: Linkage, threshold: float = THRESHOLD) -> str:
    """Query of the pairs whose match probability reaches the threshold."""
    scored = linkage.name_of("lnk_scored_pairs")
    return f"select record_id_l, record_id_r from {scored} where match_probability >= {threshold}"


def candidate_pairs(linkage: Linkage, made_by: str | None = None) -> str:
    """Query of the pairs of records that are compared, or of those that another query makes by number."""
    records = linkage.name_of("lnk_records")
    return f"""
        select l.record_id as record_id_l, r.record_id as record_id_r
        from (
            select distinct record_number_l, record_number_r
            from ({made_by or f"from {linkage.name_of(_CANDIDATES)}"})
        ) as pairs
        inner join (select distinct record_number, record_id from {records}) as l
            on pairs.record_number_l = l.record_number
        inner join (select distinct record_number, record_id from {records}) as r
            on pairs.record_number_r = r.record_number
    """


def clustered_pairs(linkage: Linkage) -> str:
    """Query of the pairs of records within one final person."""
    persons = linkage.name_of("lnk_person_records")
    return f"""
        select l.record_id as record_id_l, r.record_id as record_id_r
        from {persons} as l inner join {persons} as r on l.person_id = r.person_id and l.record_id < r.record_id
    """


@dataclass(frozen=True)
class RuleYield:
    """What one blocking rule brings: pairs made, true ones among them, and true ones no other rule makes."""

    rule: str
    pairs: int
    true_kept: int
    true_alone: int


@dataclass(frozen=True)
class BlockingYield:
    """All rules, and what they keep together."""

    rules: list[RuleYield]
    pairs: int
    records: int
    kept: Rate


def blocking_yield(linkage: Linkage, across_sources: bool = False) -> BlockingYield:
    """Run the model of candidate pairs once for each rule, on the keys of this rule alone."""
    con = linkage.connection
    keys, sql = linkage.name_of(_BLOCKING_KEYS), linkage.program.models[_CANDIDATES]
    rules = [rule for (rule,) in con.execute(f"select distinct blocking_rule from {keys} order by all").fetchall()]
    con.execute("create or replace temp table rule_pairs (rule varchar, record_id_l varchar, record_id_r varchar)")
    for rule in rules:
        con.execute(f"create or replace temp table keys_of_rule as from {keys} where blocking_rule = ?", [rule])
        pairs = candidate_pairs(linkage, sql.replace(keys, "keys_of_rule"))
        con.execute(f"insert into rule_pairs select ?, record_id_l, record_id_r from ({pairs})", [rule])
    is_true = "l.entity = r.entity" + (" and l.source != r.source" if across_sources else "")
    rows = con.execute(
        f"""
        with judged as (
            select rule_pairs.rule, {is_true} as is_true,
                count(*) over (partition by record_id_l, record_id_r) as rule_count
            from rule_pairs
            inner join truth as l on rule_pairs.record_id_l = l.record_id
            inner join truth as r on rule_pairs.record_id_r = r.record_id
        )
        select rule, count(*), count(*) filter (where is_true), count(*) filter (where is_true and rule_count = 1)
        from judged group by rule order by count(*) filter (where is_true) desc, rule
        """
    ).fetchall()
    candidates = candidate_pairs(linkage)
    return BlockingYield(
        rules=[RuleYield(*row) for row in rows],
        pairs=_one(linkage, f"select count(*) from ({candidates})"),
        records=_one(linkage, "select count(*) from truth"),
        kept=agreement_of(linkage, candidates, across_sources).recall,
    )


def _one(linkage: Linkage, query: str) -> int:
    return int(linkage.connection.execute(query).fetchone()[0])
