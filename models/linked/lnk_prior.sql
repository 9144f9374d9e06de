with recursive weighed_pairs as materialized (
    select
        list_1,
        list_2,
        round(evidence_weight, 1) as evidence_weight,
        count(*) as pair_count
    from {{ ref('lnk_weighed_pairs') }}
    group by all
),

list_sizes as (
    select
        operator,
        list_number,
        count(distinct record_number) as record_count
    from {{ ref('lnk_records') }}
    group by operator, list_number
),

totals as (
    select
        totals.record_count,
        totals.record_count * (totals.record_count - 1) / 2 as all_pairs,
        link_model.matches_per_record * totals.record_count / 2 as matches_elsewhere
    from (
        select greatest(sum(record_count), 2) as record_count
        from list_sizes
    ) as totals
    cross join {{ ref('link_model') }} as link_model
),

lists as materialized (
    select
        lists_1.list_number as list_1,
        lists_2.list_number as list_2,
        lists_1.operator as operator_1,
        lists_2.operator as operator_2,
        totals.*,
        case
            when lists_1.list_number = lists_2.list_number
                then lists_1.record_count * (lists_1.record_count - 1) / 2
            else lists_1.record_count * lists_2.record_count
        end as list_pairs
    from list_sizes as lists_1
    inner join list_sizes as lists_2 on lists_1.list_number <= lists_2.list_number
    cross join totals
),

-- The prior odds of two lists are the share of matches that the weights, with these odds, expect to
-- find between them: repeated until it settles. Two lists that say little take after all of them,
-- by ten matches more; in a short territory the matches seen where the weights were learnt count as
-- 500 records of this one. Decimals add up the same in any order.
rounds (step, list_1, list_2, matches, odds) as (
    select
        0 as step,
        list_1,
        list_2,
        cast(0 as double) as matches,
        cast(matches_elsewhere / all_pairs as double) as odds
    from lists
    union all
    select
        found.step + 1,
        found.list_1,
        found.list_2,
        found.matches,
        (found.matches + 10) / (
            lists.list_pairs + 10 * lists.all_pairs * (lists.record_count + 500)
            / (
                cast(sum(cast(found.matches as decimal(24, 6))) over () as double)
                * lists.record_count + 500 * lists.matches_elsewhere
            )
        ) as odds
    from (
        select
            rounds.step,
            rounds.list_1,
            rounds.list_2,
            coalesce(cast(sum(cast(
                weighed_pairs.pair_count
                / (1 + pow(2, -weighed_pairs.evidence_weight) / rounds.odds) as decimal(24, 6)
            )) as double), 0) as matches
        from rounds
        left join weighed_pairs
            on
                rounds.list_1 = weighed_pairs.list_1
                and rounds.list_2 = weighed_pairs.list_2
        where rounds.step < 12
        group by rounds.step, rounds.list_1, rounds.list_2
    ) as found
    inner join lists on found.list_1 = lists.list_1 and found.list_2 = lists.list_2
)

select
    lists.list_1,
    lists.list_2,
    lists.operator_1,
    lists.operator_2,
    rounds.matches as expected_matches,
    log2(rounds.odds) as match_weight
from rounds
inner join lists on rounds.list_1 = lists.list_1 and rounds.list_2 = lists.list_2
where rounds.step = 12
