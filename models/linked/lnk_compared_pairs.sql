with candidate_pairs as (
    select * from {{ ref('lnk_candidate_pairs') }}
),

records as (
    select
        lnk_records.*,
        confirmed.spelling_number is not null as is_name_confirmed,
        coalesce(confirmed.is_identity_confirmed, false) as is_identity_confirmed
    from {{ ref('lnk_records') }} as lnk_records
    left join {{ ref('lnk_confirmed_writings') }} as confirmed
        on lnk_records.spelling_number = confirmed.spelling_number
),

compared as (
    select
        candidate_pairs.spelling_number_l,
        candidate_pairs.spelling_number_r,
        candidate_pairs.record_number_l,
        candidate_pairs.record_number_r,
        least(records_l.list_number, records_r.list_number) as list_1,
        greatest(records_l.list_number, records_r.list_number) as list_2,
        records_l.household_number as household_l,
        records_r.household_number as household_r,
        records_l.identity_count = 1 and records_r.identity_count = 1 as is_only_spelling,
        {% for comparison, levels in linkage_comparisons().items() %}
            {{ comparison_level(levels) }} as {{ comparison }}_level,
        {% endfor %}
        -- How common the shared term is tells how much sharing it is worth.
        case last_name_level
            when 'exact' then records_l.last_name_token
            when 'sound' then records_l.last_name_fonem
            when 'consonants' then records_l.last_name_skeleton
        end as last_name_term,
        case first_name_level
            when 'exact' then records_l.first_name_token
            when 'sound' then records_l.first_name_fonem
            when 'consonants' then records_l.first_name_skeleton
        end as first_name_term,
        case
            when last_name_level in ('exact', 'sound') and first_name_level in ('exact', 'sound')
                then hash(records_l.last_name_fonem, records_l.first_name_fonem)
        end as full_name_term,
        case birth_date_level when 'exact' then records_l.birth_date_token end as birth_date_term
    from candidate_pairs
    inner join records as records_l on candidate_pairs.spelling_number_l = records_l.spelling_number
    inner join records as records_r on candidate_pairs.spelling_number_r = records_r.spelling_number
)

select * from compared
