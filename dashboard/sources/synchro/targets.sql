select
    targets.reference_month,
    strftime(targets.reference_month, '%Y-%m') as month_code,
    indicators.label_fr as indicator_label,
    indicators.is_share,
    units.label_fr as unit_label,
    coalesce(segments.label_fr, targets.segment) as segment_label,
    case when indicators.is_share then 100 * targets.actual else targets.actual end as actual,
    case when indicators.is_share then 100 * targets.target else targets.target end as target,
    case when targets.is_met then 'Atteint' when targets.is_met is null then 'Pas encore connu' else 'Non atteint' end
        as met_label,
    case when indicators.is_share then '%' when indicators.code like '%days%' then 'jours' else '' end as measure_label,
    targets.note_fr
from read_parquet('data/ind_targets.parquet') as targets
left join read_parquet('data/voc_indicator.parquet') as indicators on targets.indicator = indicators.code
left join read_parquet('data/voc_unit.parquet') as units on targets.unit = units.code
left join read_parquet('data/labels.parquet') as segments
    on targets.segment_type = segments.domain and targets.segment = segments.code
order by targets.reference_month, indicators.position
