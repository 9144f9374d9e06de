with recursive weighed_pairs as materialized (
    select
        round(evidence_weight, 1) as evidence_weight,
        count(*) as pair_count
    from {{ ref('lnk_weighed_pairs') }}
    group by all
),

record_counts as (
    select greatest(count(distinct record_id), 2) as record_count
    from {{ ref('lnk_records') }}
),

lists as materialized (
    select
        record_counts.record_count,
        record_counts.record_count * (record_counts.record_count - 1) / 2 as all_pairs,
        link_model.matches_per_record * record_counts.record_count / 2 as matches_elsewhere
    from record_counts
    cross join {{ ref('link_model') }} as link_model
),

-- The prior is the share of matches that the weights, with this prior, expect to find: repeated
-- until it settles. In a short list the matches seen where the weights were learnt count as 500
-- records of this one. Decimals add up the same in any order.
rounds (step, matches) as (
    select
        0 as step,
        cast(matches_elsewhere as double) as matches
    from lists
    union all
    select
        rounds.step + 1,
        (
            cast(sum(cast(
                weighed_pairs.pair_count
                / (1 + lists.all_pairs / rounds.matches * pow(2, -weighed_pairs.evidence_weight))
                as decimal(24, 6)
            )) as double) * max(lists.record_count)
            + 500 * max(lists.matches_elsewhere)
        ) / (max(lists.record_count) + 500)
    from rounds
    cross join lists
    cross join weighed_pairs
    where rounds.step < 12
    group by rounds.step
)

select
    2 * rounds.matches / lists.record_count as matches_per_record,
    log2(rounds.matches / lists.all_pairs) as match_weight
from rounds
cross join lists
order by rounds.step desc
limit 1
