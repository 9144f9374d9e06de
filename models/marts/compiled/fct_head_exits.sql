with listings as (
    select * from {{ ref('hrm_stays') }}
),

records as (
    select * from {{ ref('hrm_records') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

voc_exit_reason as (
    select * from {{ ref('voc_exit_reason') }}
),

-- Not every operator says who heads a household: whoever is a head for one is a head for all.
heads as (
    select person_records.person_id
    from records
    inner join person_records on records.record_id = person_records.record_id
    where records.household_role = 'head'
    group by person_records.person_id
),

stays_of_heads as (
    select listings.*
    from listings
    inner join person_records on listings.record_id = person_records.record_id
    inner join heads on person_records.person_id = heads.person_id
    where listings.household_record_id is not null
    qualify row_number() over (
        partition by listings.stay_id
        order by listings.reference_month desc, listings.received_at desc, stay_listing_id desc
    ) = 1
)

select
    stays_of_heads.operator,
    stays_of_heads.household_record_id,
    stays_of_heads.structure,
    max(stays_of_heads.exit_date) as exit_date
from stays_of_heads
inner join voc_exit_reason on stays_of_heads.exit_reason = voc_exit_reason.code
group by
    stays_of_heads.operator, stays_of_heads.household_record_id, stays_of_heads.structure
-- A head who is still there, or has gone alone, takes nobody along.
having
    bool_and(stays_of_heads.exit_date is not null)
    and arg_max(
        voc_exit_reason.is_shared, row(stays_of_heads.exit_date, stays_of_heads.stay_id)
    )
