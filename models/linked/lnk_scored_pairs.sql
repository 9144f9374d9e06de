with candidate_pairs as (
    select * from {{ ref('lnk_candidate_pairs') }}
),

link_rules as (
    select * from {{ ref('link_rules') }}
),

-- Rules overlap, so their weights are not added: a pair is as strong as its strongest rule.
strongest_rule as (
    select
        candidate_pairs.record_id_l,
        candidate_pairs.record_id_r,
        max(link_rules.match_weight) as match_weight,
        string_agg(candidate_pairs.blocking_rule, ', ' order by candidate_pairs.blocking_rule)
            as matched_rules,
    from candidate_pairs
    inner join link_rules on candidate_pairs.blocking_rule = link_rules.rule
    where link_rules.is_active
    group by candidate_pairs.record_id_l, candidate_pairs.record_id_r
)

select
    record_id_l,
    record_id_r,
    match_weight,
    1 / (1 + pow(2, -match_weight)) as match_probability,
    matched_rules,
    1 / (1 + pow(2, -match_weight)) >= {{ var('link_threshold') }} as is_link,
from strongest_rule
