-- A file that no contracted month holds would be missing from the calendar without a word.
with deliveries as (
    select
        operator,
        extract,
        count(*) as delivery_count
    from {{ ref('stg_synchro__deliveries') }}
    group by operator, extract
),

calendar as (
    select
        operator,
        extract,
        sum(delivery_count) as delivery_count
    from {{ ref('dq_calendar') }}
    group by operator, extract
)

select
    deliveries.operator,
    deliveries.extract,
    deliveries.delivery_count,
    calendar.delivery_count as counted_count
from deliveries
left join calendar
    on deliveries.operator = calendar.operator and deliveries.extract = calendar.extract
where deliveries.delivery_count is distinct from calendar.delivery_count
