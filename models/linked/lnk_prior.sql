with recursive weighed_pairs as materialized (
    select
        list_pair,
        round(evidence_weight, 1) as evidence_weight,
        count(*) as pair_count
    from {{ ref('lnk_weighed_pairs') }}
    group by all
),

operator_counts as (
    select
        operator_number,
        count(distinct record_number) as record_count
    from {{ ref('lnk_compared_records') }}
    group by operator_number
),

all_records as (
    select greatest(count(distinct record_number), 2) as record_count
    from {{ ref('lnk_compared_records') }}
),

lists as materialized (
    select
        a.operator_number * 256 + b.operator_number as list_pair,
        case when a.operator_number = b.operator_number then a.record_count * (a.record_count - 1) / 2 else a.record_count * b.record_count end as list_pairs,
        all_records.record_count,
        all_records.record_count * (all_records.record_count - 1) / 2 as all_pairs,
        link_model.matches_per_record * all_records.record_count / 2 as matches_elsewhere
    from operator_counts as a
    inner join operator_counts as b on a.operator_number <= b.operator_number
    cross join all_records
    cross join {{ ref('link_model') }} as link_model
),

rounds (step, list_pair, odds) as (
    select
        0 as step,
        list_pair,
        cast(matches_elsewhere / all_pairs as double) as odds
    from lists
    union all
    select
        step + 1,
        list_pair,
        (matches + 10) / (list_pairs + 10 / odds_everywhere) as odds
    from (
        select found.*, lists.list_pairs,
            (sum(found.matches) over () * lists.record_count + 500 * lists.matches_elsewhere) / (lists.record_count + 500) / lists.all_pairs as odds_everywhere
        from (
            select
                rounds.step,
                rounds.list_pair,
                coalesce(cast(sum(cast(
                    weighed_pairs.pair_count / (1 + 1 / rounds.odds * pow(2, -weighed_pairs.evidence_weight))
                    as decimal(24, 6)
                )) as double), 0) as matches
            from rounds
            left join weighed_pairs on rounds.list_pair = weighed_pairs.list_pair
            where rounds.step < 12
            group by rounds.step, rounds.list_pair
        ) as found
        inner join lists on found.list_pair = lists.list_pair
    )
)

select
    rounds.list_pair,
    2 * rounds.odds * lists.all_pairs / lists.record_count as matches_per_record,
    log2(rounds.odds) as match_weight
from rounds
inner join lists on rounds.list_pair = lists.list_pair
where step = 12
