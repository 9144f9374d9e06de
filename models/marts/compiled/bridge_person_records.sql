with person_records as (
    select * from {{ ref('lnk_person_records') }}
),

anonymous_records as (
    select
        record_id,
        true as is_anonymous
    from {{ ref('lnk_anonymous_records') }}
),

-- Whoever is known by one record can be recognised, however little the others say.
identified_records as (
    select
        person_records.record_id,
        person_records.person_id,
        not bool_and(coalesce(anonymous_records.is_anonymous, false)) over (
            partition by person_records.person_id
        ) as is_identified
    from person_records
    left join anonymous_records on person_records.record_id = anonymous_records.record_id
),

records as (
    select * from {{ ref('hrm_records') }}
)

select
    records.record_id,
    identified_records.person_id,
    records.operator,
    identified_records.is_identified,
    min(records.reference_month) as first_reference_month,
    max(records.reference_month) as last_reference_month
from records
inner join identified_records on records.record_id = identified_records.record_id
group by
    records.record_id, identified_records.person_id, records.operator,
    identified_records.is_identified
