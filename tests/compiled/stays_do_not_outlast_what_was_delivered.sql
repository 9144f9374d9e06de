-- An open stay proves nothing past the last month its operator delivered.
with stays as (
    select * from {{ ref('fct_stays') }}
    where exit_date is null
),

last_deliveries as (
    select
        operator,
        max(reference_month) as last_month
    from {{ ref('stg_synchro__deliveries') }}
    where is_current
    group by operator
)

select
    stays.stay_id,
    stays.operator,
    stays.covered_until,
    last_deliveries.last_month
from stays
left join last_deliveries on stays.operator = last_deliveries.operator
where
    stays.covered_until > last_day(last_deliveries.last_month)
    or last_deliveries.last_month is null
