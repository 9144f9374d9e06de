select
    calendar.operator,
    operators.label_fr as operator_label,
    calendar.reference_month,
    strftime(calendar.reference_month, '%Y-%m') as month_code,
    calendar.extract_label_fr as extract_label,
    calendar.due_date,
    cast(calendar.first_received_at as date) as received_date,
    calendar.status,
    statuses.label_fr as status_label,
    calendar.days_late
from read_parquet('data/dq_calendar.parquet') as calendar
left join read_parquet('data/operators.parquet') as operators on calendar.operator = operators.operator
left join read_parquet('data/voc_calendar_status.parquet') as statuses on calendar.status = statuses.code
order by calendar.reference_month desc, operators.label_fr, calendar.extract_label_fr
