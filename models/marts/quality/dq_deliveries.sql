with deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

extracts as (
    select * from {{ ref('stg_synchro__extracts') }}
),

expected as (
    select
        operator,
        extract,
        label_fr,
        due_day,
        cast(unnest(generate_series(
            (select min(deliveries.reference_month) from deliveries),
            (select max(deliveries.reference_month) from deliveries),
            interval 1 month
        )) as date) as reference_month
    from extracts
),

dated as (
    select
        * exclude (due_day),
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
),

current_deliveries as (
    select *
    from deliveries
    where is_current
)

select
    dated.operator,
    dated.extract,
    dated.reference_month,
    dated.label_fr as extract_label_fr,
    dated.due_date,
    case when received.delivery_count is null then 'missing' else 'accepted' end as status,
    case
        when received.delivery_count is null then 'non livré'
        when received.delivery_count = 1 then 'livré'
        else 'livré, puis corrigé'
    end as status_label_fr,
    cast(coalesce(received.delivery_count, 0) as integer) as delivery_count,
    received.first_received_at,
    current_deliveries.received_at,
    -- A correction is not late: the first file tells whether the operator was on time.
    case
        when received.first_received_at is not null
            then cast(
                greatest(date_diff('day', dated.due_date, received.first_received_at), 0) as integer
            )
    end as days_late,
    current_deliveries.rows_in,
    current_deliveries.rows_landed,
    current_deliveries.rows_deduplicated,
    current_deliveries.rows_quarantined,
    current_deliveries.values_masked,
    current_deliveries.values_unreadable,
    current_deliveries.columns_unknown
from dated
left join received
    on
        dated.operator = received.operator
        and dated.extract = received.extract
        and dated.reference_month = received.reference_month
left join current_deliveries
    on
        dated.operator = current_deliveries.operator
        and dated.extract = current_deliveries.extract
        and dated.reference_month = current_deliveries.reference_month
