with deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

extracts as (
    select * from {{ ref('stg_synchro__extracts') }}
),

-- The month after the last reported on is the one to come: nobody is late with it yet.
expected as (
    select
        extracts.*,
        (select max(deliveries.reference_month) from deliveries) as last_month,
        cast(unnest(generate_series(
            (select min(deliveries.reference_month) from deliveries),
            (select max(deliveries.reference_month) + interval 1 month from deliveries),
            interval 1 month
        )) as date) as reference_month
    from extracts
),

dated as (
    select
        *,
        -- Due on that day of the next month, or on its last day when the month is shorter.
        least(
            cast(reference_month + interval 1 month + (due_day - 1) * interval 1 day as date),
            last_day(cast(reference_month + interval 1 month as date))
        ) as due_date
    from expected
),

received as (
    select
        operator,
        extract,
        reference_month,
        count(*) as delivery_count,
        min(received_at) as first_received_at
    from deliveries
    group by operator, extract, reference_month
)

select
    dated.operator,
    dated.extract,
    dated.reference_month,
    dated.label_fr as extract_label_fr,
    dated.due_date,
    case
        when dated.reference_month > dated.last_month then 'due'
        when received.delivery_count is null then 'missing'
        when cast(received.first_received_at as date) > dated.due_date then 'late'
        else 'received'
    end as status,
    cast(coalesce(received.delivery_count, 0) as integer) as delivery_count,
    received.first_received_at,
    -- A correction is not late: the first file tells whether the operator was on time.
    case
        when received.first_received_at is not null
            then cast(
                greatest(date_diff('day', dated.due_date, received.first_received_at), 0) as integer
            )
    end as days_late
from dated
left join received
    on
        dated.operator = received.operator
        and dated.extract = received.extract
        and dated.reference_month = received.reference_month
