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
    {{ latest_listing('stay_id', 'stay_listing_id') }}
),

-- Whoever is known to live elsewhere has left too, though nobody wrote it.
household_stays as (
    select
        latest_listings.*,
        heads.person_id is not null as is_head,
        coalesce(latest_listings.exit_date, open_stays.moved_on_date) as ended_on,
        latest_listings.exit_date is null or voc_exit_reason.is_shared as is_shared
    from latest_listings
    inner join person_records on latest_listings.record_id = person_records.record_id
    inner join voc_exit_reason on latest_listings.exit_reason = voc_exit_reason.code
    left join heads on person_records.person_id = heads.person_id
    left join open_stays on latest_listings.stay_id = open_stays.stay_id
),

-- A head who is still there, or has gone alone, takes nobody along. But where all the others went
-- on the same day, the last one, head or not, was forgotten: one may leave the territory alone, all
-- together do not leave one behind. Another head who stays was not forgotten.
household_exits as (
    select
        operator,
        household_record_id,
        structure,
        case
            when
                bool_and(ended_on is not null) filter (where is_head)
                and arg_max(is_shared, row(ended_on, stay_id)) filter (where is_head)
                then max(ended_on) filter (where is_head)
            when
                count(*) filter (where ended_on is null) = 1
                and count(*) filter (where ended_on is not null and is_head) = 0
                and count(distinct exit_date) = 1
                and bool_and(is_shared or exit_reason = 'left_territory')
                then max(exit_date)
        end as exit_date
    from household_stays
    group by operator, household_record_id, structure
)

select
    operator,
    household_record_id,
    structure,
    exit_date
from household_exits
where exit_date is not null
