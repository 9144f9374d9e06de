with listings as (
    select * from {{ ref('hrm_stays') }}
),

records as (
    select * from {{ ref('hrm_records') }}
),

deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
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
    qualify row_number() over (
        partition by stay_id
        order by reference_month desc, received_at desc, stay_listing_id desc
    ) = 1
),

-- Nobody outlives the head's stay: where every stay of a household's head in a structure has ended,
-- so have those of its members.
head_exits as (
    select
        stays.operator,
        stays.household_record_id,
        stays.structure,
        max(stays.exit_date) as head_exit_date
    from stays
    where
        stays.household_record_id is not null
        and stays.record_id in (
            select records.record_id from records
            where records.household_role = 'head'
        )
    group by stays.operator, stays.household_record_id, stays.structure
    having bool_and(stays.exit_date is not null)
),

closed_stays as (
    select
        stays.*,
        case
            when stays.exit_date is not null then 'exit_recorded'
            -- The head's exit says nothing of a member whose stay had been dropped before it.
            when
                head_exits.head_exit_date >= stays.entry_date
                and head_exits.head_exit_date <= last_day(stays.reference_month)
                then 'head_left'
            when
                stays.reference_month < last_deliveries.last_delivered_month
                then 'no_longer_listed'
            else 'last_delivery'
        end as closing_reason,
        head_exits.head_exit_date,
        last_deliveries.last_delivered_month
    from stays
    inner join last_deliveries on stays.operator = last_deliveries.operator
    left join head_exits
        on
            stays.operator = head_exits.operator
            and stays.household_record_id = head_exits.household_record_id
            and stays.structure is not distinct from head_exits.structure
)

select
    closed_stays.stay_id,
    person_records.person_id,
    closed_stays.record_id,
    closed_stays.operator,
    closed_stays.situation,
    closed_stays.commune,
    closed_stays.entry_date,
    closed_stays.exit_date,
    closed_stays.exit_reason,
    closed_stays.exit_destination,
    closed_stays.closing_reason,
    -- The day of exit is spent elsewhere; a stay of one day still covers that day.
    greatest(
        closed_stays.entry_date,
        case closed_stays.closing_reason
            when 'exit_recorded' then closed_stays.exit_date - 1
            when 'head_left' then closed_stays.head_exit_date - 1
            when 'no_longer_listed' then last_day(closed_stays.reference_month)
            else last_day(closed_stays.last_delivered_month)
        end
    ) as covered_until
from closed_stays
inner join person_records on closed_stays.record_id = person_records.record_id
