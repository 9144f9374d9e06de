with listings as (
    select * from {{ ref('hrm_stays') }}
),

stay_lists as (
    select * from {{ ref('fct_stay_lists') }}
),

structures as (
    select * from {{ ref('structures') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

household_exits as (
    select * from {{ ref('fct_household_exits') }}
),

open_stays as (
    select * from {{ ref('fct_open_stays') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

stays as (
    select *
    from listings
    {{ latest_listing('stay_id', 'stay_listing_id') }}
),

-- What may end a stay whose exit nobody wrote; what came before its entry says nothing of it.
bounded as (
    select
        stays.*,
        stay_lists.last_delivered_month,
        last_day(stays.reference_month) as listed_until,
        household_exits.closing_reason as household_reason,
        household_exits.destination as household_destination,
        case
            when household_exits.exit_date >= stays.entry_date then household_exits.exit_date - 1
        end as household_until,
        case
            when structures.closed_on > stays.entry_date then structures.closed_on - 1
        end as structure_until,
        open_stays.moved_on_date - 1 as elsewhere_until,
        -- Nobody keeps a place given for the night without a word for that long.
        case
            when voc_situation.is_by_night
                then stays.entry_date + {{ var('inactivity_days') }}
        end as nights_until
    from stays
    inner join stay_lists on stays.operator = stay_lists.operator
    inner join voc_situation on stays.situation = voc_situation.code
    left join structures
        on stays.operator = structures.operator and stays.structure = structures.structure
    left join open_stays on stays.stay_id = open_stays.stay_id
    left join household_exits
        on
            stays.operator = household_exits.operator
            and stays.household_record_id = household_exits.household_record_id
            and stays.structure is not distinct from household_exits.structure
),

ended as (
    select
        *,
        least(
            listed_until,
            coalesce(household_until, listed_until),
            coalesce(structure_until, listed_until),
            coalesce(elsewhere_until, listed_until),
            coalesce(nights_until, listed_until)
        ) as open_until
    from bounded
),

closed as (
    select
        *,
        case
            when exit_date is not null then 'exit_recorded'
            -- A head known elsewhere has moved on; the others follow.
            when open_until = elsewhere_until then 'moved_on'
            when open_until = household_until then household_reason
            when open_until = structure_until then 'structure_closed'
            when open_until = nights_until then 'no_night'
            when reference_month < last_delivered_month then 'no_longer_listed'
            else 'last_delivery'
        end as closing_reason
    from ended
)

select
    closed.stay_id,
    person_records.person_id,
    closed.record_id,
    closed.operator,
    closed.situation,
    closed.commune,
    closed.entry_date,
    closed.exit_date,
    closed.exit_reason,
    closed.exit_destination,
    -- Whoever leaves with the household goes where it goes.
    case
        when closed.closing_reason = closed.household_reason then closed.household_destination
    end as household_destination,
    closed.closing_reason,
    -- The day of exit is spent elsewhere; a stay of one day still covers that day.
    greatest(closed.entry_date, coalesce(closed.exit_date - 1, closed.open_until)) as covered_until
from closed
inner join person_records on closed.record_id = person_records.record_id
