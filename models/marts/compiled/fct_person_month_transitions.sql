with statuses as (
    select * from {{ ref('fct_person_month_statuses') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

-- The opening month only hands over what was known; the list begins after it.
listed as (
    select
        *,
        status = 'active' as is_active
    from statuses
    where not is_opening
),

with_previous as (
    select
        *,
        coalesce(lag(is_active) over by_month, false) as was_active,
        lag(status) over by_month as previous_status,
        coalesce(bool_or(is_active) over earlier_months, false) as was_ever_active,
        row_number() over by_month - 1 as months_since_first_seen
    from listed
    window
        by_month as (partition by person_id order by reference_month),
        earlier_months as (
            partition by person_id
            order by reference_month
            rows between unbounded preceding and 1 preceding
        )
)

select
    with_previous.person_id,
    with_previous.reference_month,
    with_previous.is_active,
    with_previous.was_active,
    cast(with_previous.months_since_first_seen as integer) as months_since_first_seen,
    case
        when not with_previous.is_active or with_previous.was_active then null
        when months.is_first then 'first_list'
        when not with_previous.was_ever_active then 'newly_identified'
        when with_previous.previous_status = 'housed' then 'returned_from_housing'
        when with_previous.previous_status = 'inactive' then 'returned_from_inactive'
        when with_previous.previous_status = 'left_territory' then 'returned_to_territory'
        else 'returned_to_perimeter'
    end as inflow_type,
    case
        when with_previous.is_active or not with_previous.was_active then null
        when with_previous.status = 'housed' then with_previous.situation
        else with_previous.status
    end as outflow_type
from with_previous
inner join months on with_previous.reference_month = months.reference_month
