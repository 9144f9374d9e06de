with calendar as (
    select * from {{ ref('dq_calendar') }}
    where status != 'due'
),

current_deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
    where is_current
)

select
    calendar.operator,
    calendar.extract,
    calendar.reference_month,
    calendar.extract_label_fr,
    calendar.due_date,
    case when calendar.status = 'missing' then 'missing' else 'accepted' end as status,
    case
        when calendar.delivery_count = 0 then 'non livré'
        when calendar.delivery_count = 1 then 'livré'
        else 'livré, puis corrigé'
    end as status_label_fr,
    calendar.delivery_count,
    calendar.first_received_at,
    current_deliveries.received_at,
    calendar.days_late,
    current_deliveries.rows_in,
    current_deliveries.rows_landed,
    current_deliveries.rows_deduplicated,
    current_deliveries.rows_quarantined,
    current_deliveries.values_masked,
    current_deliveries.values_unreadable,
    current_deliveries.columns_unknown
from calendar
left join current_deliveries
    on
        calendar.operator = current_deliveries.operator
        and calendar.extract = current_deliveries.extract
        and calendar.reference_month = current_deliveries.reference_month
