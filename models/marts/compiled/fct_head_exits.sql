with listings as (
    select * from {{ ref('hrm_stays') }}
),

records as (
    select * from {{ ref('hrm_records') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

open_stays as (
    select * from {{ ref('fct_open_stays') }}
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

latest_listings as (
    select *
    from listings
    where household_record_id is not null
    qualify row_number() over (
        partition by stay_id
        order by reference_month desc, received_at desc, stay_listing_id desc
    ) = 1
),

-- A head known to live elsewhere has left too, though nobody wrote it.
stays_of_heads as (
    select
        latest_listings.*,
        coalesce(latest_listings.exit_date, open_stays.moved_on_date) as ended_on,
        latest_listings.exit_date is null or voc_exit_reason.is_shared as is_shared
    from latest_listings
    inner join person_records on latest_listings.record_id = person_records.record_id
    inner join heads on person_records.person_id = heads.person_id
    inner join voc_exit_reason on latest_listings.exit_reason = voc_exit_reason.code
    left join open_stays on latest_listings.stay_id = open_stays.stay_id
)

select
    operator,
    household_record_id,
    structure,
    max(ended_on) as exit_date
from stays_of_heads
group by operator, household_record_id, structure
-- A head who is still there, or has gone alone, takes nobody along.
having bool_and(ended_on is not null) and arg_max(is_shared, row(ended_on, stay_id))
