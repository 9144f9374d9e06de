select
    profiles.reference_month,
    strftime(profiles.reference_month, '%Y-%m') as month_code,
    profiles.unit,
    profiles.segment_type,
    profiles.segment,
    coalesce(segments.label_fr, profiles.segment) as segment_label,
    coalesce(segments.position, 999) as position,
    profiles.crossed_type,
    profiles.crossed_segment,
    case when profiles.crossed_type <> 'total' then coalesce(crossed.label_fr, profiles.crossed_segment) end
        as crossed_label,
    coalesce(crossed.position, 999) as crossed_position,
    profiles.active_count,
    profiles.active_count_status,
    profiles.active_share,
    profiles.active_share_status
from read_parquet('data/ind_profiles.parquet') as profiles
left join read_parquet('data/labels.parquet') as segments
    on profiles.segment_type = segments.domain and profiles.segment = segments.code
left join read_parquet('data/labels.parquet') as crossed
    on profiles.crossed_type = crossed.domain and profiles.crossed_segment = crossed.code
where profiles.segment_type <> 'total'
order by profiles.reference_month, profiles.unit, profiles.segment_type, position, crossed_position
