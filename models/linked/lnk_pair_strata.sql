with scored_pairs as (
    select * from {{ ref('lnk_scored_pairs') }}
),

person_records as (
    select * from {{ ref('lnk_person_records') }}
),

bands as (
    select * from {{ ref('clerical_bands') }}
),

thresholds as (
    select log2({{ var('link_threshold') }} / (1 - {{ var('link_threshold') }})) as link_weight
),

age_bands as (
    select * from {{ ref('age_bands') }}
),

-- Age at the end of the list, as the compiled tables count it: from the birth year alone.
list_ends as (
    select year(max(reference_month)) as list_year
    from {{ ref('hrm_records') }}
),

record_facts as (
    select
        record_id,
        min(operator) as operator,  -- noqa: RF04
        min(sex) filter (where sex in ('female', 'male')) as sex,
        arg_min(birth_year, row(birth_date_precision != 'day', identity_id)) filter (
            where birth_year is not null
        ) as birth_year,
        case
            when bool_or(birth_date_precision = 'day') then 'day'
            when bool_or(birth_date_precision = 'year') then 'year'
        end as birth_date_precision,
        case
            when
                bool_or(
                    birth_name_token is not null
                    and birth_name_token is distinct from last_name_token
                )
                then 'birth_name'
            when bool_or(greatest(len(last_name_part_tokens), len(first_name_part_tokens)) > 1)
                then 'several_words'
            when count(last_name_token) = 0 or count(first_name_token) = 0 then 'incomplete'
            else 'one_word'
        end as name_form
    from {{ ref('lnk_records') }}
    group by record_id
),

records as (
    select
        record_facts.*,
        age_bands.code as age_band,
        person_records.person_id
    from record_facts
    inner join person_records on record_facts.record_id = person_records.record_id
    cross join list_ends
    left join age_bands
        on
            list_ends.list_year - record_facts.birth_year
            between age_bands.min_age and age_bands.max_age
)

select
    scored_pairs.record_id_l,
    scored_pairs.record_id_r,
    bands.band,
    records_l.person_id = records_r.person_id as is_linked,
    -- A pair is of the group of both its records; what one does not know, the other tells.
    {% for fact in ['sex', 'age_band', 'name_form', 'birth_date_precision'] %}
        case
            when records_l.{{ fact }} != records_r.{{ fact }} then 'mixed'
            else coalesce(records_l.{{ fact }}, records_r.{{ fact }}, 'unknown')
        end as {{ fact }},
    {% endfor %}
    least(records_l.operator, records_r.operator)
    || '+'
    || greatest(records_l.operator, records_r.operator) as operator_pair
from scored_pairs
cross join thresholds
inner join bands
    on
        -- Bands are counted from the threshold: no band straddles it, wherever it is set.
        scored_pairs.match_weight >= bands.lower_offset + thresholds.link_weight
        and (
            bands.upper_offset is null
            or scored_pairs.match_weight < bands.upper_offset + thresholds.link_weight
        )
inner join records as records_l on scored_pairs.record_id_l = records_l.record_id
inner join records as records_r on scored_pairs.record_id_r = records_r.record_id
