with weighed_pairs as (
    select * from {{ ref('lnk_weighed_pairs') }}
),

list_prior as (
    select * from {{ ref('lnk_prior') }}
),

thresholds as (
    select
        min(lower_offset) + log2({{ var('link_threshold') }} / (1 - {{ var('link_threshold') }}))
            as lowest_weight,
        log2({{ var('sure_threshold') }} / (1 - {{ var('sure_threshold') }})) as sure_weight
    from {{ ref('clerical_bands') }}
)

-- Under the lowest band nobody looks at a pair.
select
    weighed_pairs.record_number_l,
    weighed_pairs.record_number_r,
    weighed_pairs.evidence_weight + list_prior.match_weight as match_weight,
    weighed_pairs.evidence_weight + list_prior.match_weight >= thresholds.sure_weight as is_sure
from weighed_pairs
inner join list_prior
    on
        weighed_pairs.list_1 = list_prior.list_1
        and weighed_pairs.list_2 = list_prior.list_2
inner join thresholds
    on weighed_pairs.evidence_weight + list_prior.match_weight >= thresholds.lowest_weight
