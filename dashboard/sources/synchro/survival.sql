-- What was known at the end of the last month, one point a week: enough for a curve.
with points as (
    select *
    from read_parquet('data/ind_survival.parquet')
    where segment_type = 'total' and time_days <= 730
    qualify reference_month = max(reference_month) over ()
)

select
    points.unit,
    kinds.label_fr as duration_label,
    points.duration_kind,
    points.time_days,
    points.survival
from points
left join read_parquet('data/voc_duration_kind.parquet') as kinds on points.duration_kind = kinds.code
qualify row_number() over (
    partition by points.unit, points.duration_kind, points.time_days // 7 order by points.time_days desc
) = 1
order by points.unit, points.duration_kind, points.time_days
