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
        latest_listings.exit_date is null or voc_exit_reason.is_shared as is_shared,
        case
            when latest_listings.exit_reason = 'left_territory' then 'left_territory'
            else latest_listings.exit_destination
        end as destination
    from latest_listings
    inner join person_records on latest_listings.record_id = person_records.record_id
    inner join voc_exit_reason on latest_listings.exit_reason = voc_exit_reason.code
    left join heads on person_records.person_id = heads.person_id
    left join open_stays on latest_listings.stay_id = open_stays.stay_id
),

households as (
    select
        operator,
        household_record_id,
        structure,
        -- A head who is still there, or has gone alone, takes nobody along.
        coalesce(
            bool_and(ended_on is not null) filter (where is_head)
            and arg_max(is_shared, row(ended_on, stay_id)) filter (where is_head),
            false
        ) as has_head_left,
        max(ended_on) filter (where is_head) as head_exit_date,
        arg_max(destination, row(ended_on, stay_id)) filter (where is_head) as head_destination,
        -- One who leaves alone leaves the other behind; two who are housed or leave the territory
        -- together do not leave a third behind, nor do two who leave a structure that asks for no
        -- reason. Another head who stays was not forgotten.
        count(*) filter (where ended_on is null) = 1
        and not (
            bool_or(is_head and ended_on is null) and bool_or(is_head and ended_on is not null)
        )
        and count(exit_date) > 1
        and count(distinct row(exit_date, exit_reason)) filter (where ended_on is not null) = 1
        and bool_and(
            ended_on is null or exit_reason in ('housed', 'left_territory', 'not_collected')
        ) as have_others_left,
        max(exit_date) as others_exit_date,
        case
            when count(distinct destination) filter (where exit_date is not null) = 1
                then min(destination) filter (where exit_date is not null)
            else 'unknown'
        end as others_destination
    from household_stays
    group by operator, household_record_id, structure
)

select
    operator,
    household_record_id,
    structure,
    case when has_head_left then 'head_left' else 'household_left' end as closing_reason,
    case when has_head_left then head_exit_date else others_exit_date end as exit_date,
    case when has_head_left then head_destination else others_destination end as destination
from households
where has_head_left or have_others_left
