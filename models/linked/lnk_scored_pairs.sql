with weighed_pairs as (
    select * from {{ ref('lnk_weighed_pairs') }}
),

list_prior as (
    select * from {{ ref('lnk_prior') }}
),

exclusive_pairs as (
    select * from {{ ref('lnk_exclusive_pairs') }}
),

scored as (
    select
        weighed_pairs.*,
        coalesce(
            exclusive_pairs.match_weight, weighed_pairs.evidence_weight + list_prior.match_weight
        ) as match_weight
    from weighed_pairs
    cross join list_prior
    left join exclusive_pairs
        on
            weighed_pairs.record_id_l = exclusive_pairs.record_id_l
            and weighed_pairs.record_id_r = exclusive_pairs.record_id_r
)

select
    record_id_l,
    record_id_r,
    last_name_level,
    first_name_level,
    birth_date_level,
    sex_level,
    nur_level,
    agdref_level,
    household_level,
    match_weight,
    1 / (1 + pow(2, -match_weight)) as match_probability
from scored
