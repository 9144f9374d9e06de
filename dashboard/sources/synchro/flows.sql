select
    flows.reference_month,
    strftime(flows.reference_month, '%Y-%m') as month_code,
    flows.unit,
    flows.segment_type,
    flows.segment,
    coalesce(segments.label_fr, flows.segment) as segment_label,
    coalesce(segments.position, 999) as position,
    flows.active_end,
    flows.active_end_status,
    flows.active_end - lag(flows.active_end) over segment_months as change_1_month,
    flows.active_end - lag(flows.active_end, 12) over segment_months as change_12_months,
    flows.inflow,
    flows.inflow_status,
    flows.outflow,
    flows.outflow_status
from read_parquet('data/ind_monthly_flows.parquet') as flows
left join read_parquet('data/labels.parquet') as segments
    on flows.segment_type = segments.domain and flows.segment = segments.code
window segment_months as (
    partition by flows.unit, flows.segment_type, flows.segment order by flows.reference_month
)
order by flows.reference_month, flows.unit, flows.segment_type, position
