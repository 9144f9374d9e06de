with records as (
    select * from {{ ref('hrm_records') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

statuses as (
    select * from {{ ref('fct_person_month_statuses') }}
),

-- What operators said in a month; where they differ, the later received, then the greater id.
said_in_month as (
    select
        person_records.person_id,
        records.reference_month,
        {{ latest_known('household_type') }} as household_type,
        {{ latest_known('administrative_status') }} as administrative_status,
        {{ latest_known('resources') }} as resources,
        arg_max(records.household_record_id, row(records.received_at, records.record_id)) filter (
            where records.household_record_id is not null
        ) as household_record_id
    from records
    inner join person_records on records.record_id = person_records.record_id
    group by person_records.person_id, records.reference_month
)

select
    statuses.person_id,
    statuses.reference_month,
    coalesce(
        last_value(said_in_month.household_type ignore nulls) over so_far, 'unknown'
    ) as household_type,
    coalesce(
        last_value(said_in_month.administrative_status ignore nulls) over so_far, 'unknown'
    ) as administrative_status,
    coalesce(last_value(said_in_month.resources ignore nulls) over so_far, 'unknown') as resources,
    last_value(said_in_month.household_record_id ignore nulls) over so_far as household_record_id
from statuses
left join said_in_month
    on
        statuses.person_id = said_in_month.person_id
        and statuses.reference_month = said_in_month.reference_month
window so_far as (
    partition by statuses.person_id
    order by statuses.reference_month
    rows between unbounded preceding and current row
)
