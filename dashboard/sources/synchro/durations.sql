select
    durations.reference_month,
    strftime(durations.reference_month, '%Y-%m') as month_code,
    durations.unit,
    durations.segment_type,
    durations.segment,
    coalesce(segments.label_fr, durations.segment) as segment_label,
    coalesce(segments.position, 999) as position,
    durations.known_count,
    durations.known_count_status,
    durations.over_6_months_count,
    durations.over_6_months_count_status,
    durations.over_6_months_share,
    durations.over_6_months_share_status,
    durations.over_12_months_count,
    durations.over_12_months_count_status,
    durations.over_12_months_share,
    durations.over_12_months_share_status,
    durations.over_24_months_count,
    durations.over_24_months_count_status,
    durations.over_24_months_share,
    durations.over_24_months_share_status,
    durations.median_days,
    durations.median_days_status
from read_parquet('data/ind_durations.parquet') as durations
left join read_parquet('data/labels.parquet') as segments
    on durations.segment_type = segments.domain and durations.segment = segments.code
order by durations.reference_month, durations.unit, durations.segment_type, position
