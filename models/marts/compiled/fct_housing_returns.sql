with person_months as (
    select * from {{ ref('fct_person_months') }}
),

-- The last entry into housing, and the last way in, each month knows of.
so_far as (
    select
        person_id,
        reference_month,
        is_active,
        last_value(
            case when status = 'housed' and was_active then reference_month end ignore nulls
        ) over by_month as housed_month,
        last_value(
            case when inflow_type is not null then reference_month end ignore nulls
        ) over by_month as inflow_month,
        last_value(inflow_type ignore nulls) over by_month as inflow_type
    from person_months
    window by_month as (partition by person_id order by reference_month)
)

select
    person_id,
    reference_month,
    inflow_month as return_month,
    cast(date_diff('month', housed_month, inflow_month) as integer) as months_housed,
    cast(date_diff('month', inflow_month, reference_month) as integer) as months_since_return
from so_far
where is_active and inflow_type = 'returned_from_housing' and housed_month is not null
