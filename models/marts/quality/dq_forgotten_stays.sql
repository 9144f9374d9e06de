with listings as (
    select * from {{ ref('hrm_stays') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

heads as (
    select
        record_id,
        operator,
        reference_month
    from {{ ref('hrm_records') }}
    where household_role = 'head'
),

head_listings as (
    select listings.*
    from listings
    inner join heads
        on
            listings.record_id = heads.record_id
            and listings.reference_month = heads.reference_month
),

-- The head of the household has left the structure, and the member's stay is still open.
left_behind as (
    select
        listings.stay_listing_id,
        max(head_listings.exit_date) as since_date
    from listings
    inner join head_listings
        on
            listings.operator = head_listings.operator
            and listings.reference_month = head_listings.reference_month
            and listings.household_record_id = head_listings.household_record_id
            and listings.structure is not distinct from head_listings.structure
    where listings.exit_date is null and listings.record_id != head_listings.record_id
    group by listings.stay_listing_id
    having bool_and(head_listings.exit_date is not null)
),

-- A later stay of the same record began while this one was left open.
overtaken as (
    select
        listings.stay_listing_id,
        min(later_listings.entry_date) as since_date
    from listings
    inner join voc_situation on listings.situation = voc_situation.code
    inner join listings as later_listings
        on
            listings.record_id = later_listings.record_id
            and listings.reference_month = later_listings.reference_month
            and listings.entry_date < later_listings.entry_date
    where listings.exit_date is null and voc_situation.is_homeless
    group by listings.stay_listing_id
),

forgotten as (
    select
        *,
        'open_after_head_left' as check_code
    from left_behind
    union all
    select
        *,
        'open_after_later_stay' as check_code
    from overtaken
)

select
    listings.operator,
    'stays' as entity,
    forgotten.check_code,
    listings.reference_month,
    listings.record_id,
    listings.stay_listing_id as row_id,
    forgotten.since_date as event_date
from forgotten
inner join listings on forgotten.stay_listing_id = listings.stay_listing_id
