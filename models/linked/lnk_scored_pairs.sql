with candidate_pairs as (
    select * from {{ ref('lnk_candidate_pairs') }}
),

records as (
    select * from {{ ref('lnk_records') }}
),

link_rules as (
    select * from {{ ref('link_rules') }}
    where is_active
),

-- A record may be written in several ways: the two most alike tell. Only pairs whose rules ask for
-- it are compared.
name_similarities as (
    select
        candidate_pairs.record_id_l,
        candidate_pairs.record_id_r,
        max({{ dice('names', 'records_l', 'records_r') }}) as name_similarity
    from candidate_pairs
    inner join link_rules on candidate_pairs.blocking_rule = link_rules.rule
    inner join records as records_l on candidate_pairs.record_id_l = records_l.record_id
    inner join records as records_r on candidate_pairs.record_id_r = records_r.record_id
    where link_rules.min_name_similarity is not null
    group by candidate_pairs.record_id_l, candidate_pairs.record_id_r
),

confirmed as (
    select
        candidate_pairs.*,
        name_similarities.name_similarity,
        case
            when
                link_rules.min_name_similarity is null
                or name_similarities.name_similarity >= link_rules.min_name_similarity
                then link_rules.match_weight
            else 0
        end as match_weight
    from candidate_pairs
    inner join link_rules on candidate_pairs.blocking_rule = link_rules.rule
    left join name_similarities
        on
            candidate_pairs.record_id_l = name_similarities.record_id_l
            and candidate_pairs.record_id_r = name_similarities.record_id_r
),

-- Rules overlap, so their weights are not added: a pair is as strong as its strongest rule.
strongest_rule as (
    select
        record_id_l,
        record_id_r,
        max(match_weight) as match_weight,
        max(name_similarity) as name_similarity,
        string_agg(blocking_rule, ', ' order by blocking_rule) as matched_rules
    from confirmed
    group by record_id_l, record_id_r
)

select
    record_id_l,
    record_id_r,
    match_weight,
    1 / (1 + pow(2, -match_weight)) as match_probability,
    name_similarity,
    matched_rules,
    1 / (1 + pow(2, -match_weight)) >= {{ var('link_threshold') }} as is_link
from strongest_rule
