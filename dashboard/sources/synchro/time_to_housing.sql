select
    waits.reference_month,
    strftime(waits.reference_month, '%Y-%m') as month_code,
    waits.unit,
    waits.segment_type,
    waits.segment,
    coalesce(segments.label_fr, waits.segment) as segment_label,
    coalesce(segments.position, 999) as position,
    waits.request_count,
    waits.housed_count,
    waits.housed_share,
    waits.median_days,
    waits.median_days_status
from read_parquet('data/ind_time_to_housing.parquet') as waits
left join read_parquet('data/labels.parquet') as segments
    on waits.segment_type = segments.domain and waits.segment = segments.code
order by waits.reference_month, waits.unit, waits.segment_type, position
