-- What a profile can be read by, alone or crossed.
select distinct
    profiles.unit,
    profiles.segment_type,
    profiles.crossed_type,
    profiles.segment_type || '+' || profiles.crossed_type as axis,
    segment_types.label_fr || case when profiles.crossed_type = 'total' then '' else ' × ' || lower(crossed_types.label_fr) end
        as axis_label,
    segment_types.position + case when profiles.crossed_type = 'total' then 0 else 100 end as position
from read_parquet('data/ind_profiles.parquet') as profiles
left join read_parquet('data/labels.parquet') as segment_types
    on segment_types.domain = 'segment_type' and profiles.segment_type = segment_types.code
left join read_parquet('data/labels.parquet') as crossed_types
    on crossed_types.domain = 'segment_type' and profiles.crossed_type = crossed_types.code
where profiles.segment_type <> 'total'
order by position
