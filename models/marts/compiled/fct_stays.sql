with listings as (
    select * from {{ ref('hrm_stays') }}
),

deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

structures as (
    select * from {{ ref('structures') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

head_exits as (
    select * from {{ ref('fct_head_exits') }}
),

open_stays as (
    select * from {{ ref('fct_open_stays') }}
),

stay_extracts as (
    select
        deliveries.operator,
        deliveries.extract
    from deliveries
    inner join listings on deliveries.delivery_id = listings.delivery_id
    group by deliveries.operator, deliveries.extract
),

-- How far each operator has delivered the extract that lists its stays, empty months included.
last_deliveries as (
    select
        deliveries.operator,
        max(deliveries.reference_month) as last_delivered_month
    from deliveries
    inner join stay_extracts
        on
            deliveries.operator = stay_extracts.operator
            and deliveries.extract = stay_extracts.extract
    where deliveries.is_current
    group by deliveries.operator
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
        last_deliveries.last_delivered_month,
        last_day(stays.reference_month) as listed_until,
        case
            when head_exits.exit_date >= stays.entry_date then head_exits.exit_date - 1
        end as head_until,
        case
            when structures.closed_on > stays.entry_date then structures.closed_on - 1
        end as structure_until,
        open_stays.moved_on_date - 1 as elsewhere_until
    from stays
    inner join last_deliveries on stays.operator = last_deliveries.operator
    left join structures
        on stays.operator = structures.operator and stays.structure = structures.structure
    left join open_stays on stays.stay_id = open_stays.stay_id
    left join head_exits
        on
            stays.operator = head_exits.operator
            and stays.household_record_id = head_exits.household_record_id
            and stays.structure is not distinct from head_exits.structure
),

ended as (
    select
        *,
        least(
            listed_until,
            coalesce(head_until, listed_until),
            coalesce(structure_until, listed_until),
            coalesce(elsewhere_until, listed_until)
        ) as open_until
    from bounded
)

select
    ended.stay_id,
    person_records.person_id,
    ended.record_id,
    ended.operator,
    ended.situation,
    ended.commune,
    ended.entry_date,
    ended.exit_date,
    ended.exit_reason,
    ended.exit_destination,
    case
        when ended.exit_date is not null then 'exit_recorded'
        -- A head known elsewhere has moved on; the others follow.
        when ended.open_until = ended.elsewhere_until then 'moved_on'
        when ended.open_until = ended.head_until then 'head_left'
        when ended.open_until = ended.structure_until then 'structure_closed'
        when ended.reference_month < ended.last_delivered_month then 'no_longer_listed'
        else 'last_delivery'
    end as closing_reason,
    -- The day of exit is spent elsewhere; a stay of one day still covers that day.
    greatest(ended.entry_date, coalesce(ended.exit_date - 1, ended.open_until)) as covered_until
from ended
inner join person_records on ended.record_id = person_records.record_id
