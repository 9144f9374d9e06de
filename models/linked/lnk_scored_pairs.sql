with weighed_pairs as (
    select * from {{ ref('lnk_weighed_pairs') }}
),

list_prior as (
    select * from {{ ref('lnk_prior') }}
),

exclusive_pairs as (
    select * from {{ ref('lnk_exclusive_pairs') }}
),

company as (
    select
        pairs.record_number_l,
        pairs.record_number_r,
        pairs.match_weight + weights.match_weight as match_weight
    from {{ ref('lnk_company') }} as pairs
    inner join {{ ref('lnk_company_weights') }} as weights
        on pairs.company_level = weights.company_level
),

-- Under the lowest band nobody looks at a pair.
lowest as (
    select
        min(lower_offset) + log2({{ var('link_threshold') }} / (1 - {{ var('link_threshold') }}))
            as match_weight
    from {{ ref('clerical_bands') }}
),

records as (
    select * from {{ ref('lnk_records') }}
),

scored as (
    select
        weighed_pairs.*,
        coalesce(
            exclusive_pairs.match_weight,
            company.match_weight,
            weighed_pairs.evidence_weight + list_prior.match_weight
        ) as match_weight
    from weighed_pairs
    inner join list_prior
        on
            weighed_pairs.list_1 = list_prior.list_1
            and weighed_pairs.list_2 = list_prior.list_2
    left join exclusive_pairs
        on
            weighed_pairs.record_number_l = exclusive_pairs.record_number_l
            and weighed_pairs.record_number_r = exclusive_pairs.record_number_r
    left join company
        on
            weighed_pairs.record_number_l = company.record_number_l
            and weighed_pairs.record_number_r = company.record_number_r
)

select
    records_l.record_id as record_id_l,
    records_r.record_id as record_id_r,
    scored.last_name_level,
    scored.first_name_level,
    scored.birth_date_level,
    scored.sex_level,
    scored.nur_level,
    scored.agdref_level,
    scored.household_level,
    scored.match_weight,
    1 / (1 + pow(2, -scored.match_weight)) as match_probability
from scored
inner join lowest on scored.match_weight >= lowest.match_weight
inner join records as records_l on scored.spelling_number_l = records_l.spelling_number
inner join records as records_r on scored.spelling_number_r = records_r.spelling_number
