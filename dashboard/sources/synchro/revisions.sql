select
    revisions.reference_month,
    revisions.unit,
    units.label_fr as unit_label,
    revisions.segment_type,
    types.label_fr as segment_type_label,
    coalesce(segments.label_fr, revisions.segment) as segment_label,
    indicators.label_fr as indicator_label,
    indicators.position,
    revisions.first_figure,
    revisions.first_figure_status,
    revisions.current_figure,
    revisions.current_figure_status,
    revisions.current_figure - revisions.first_figure as revision,
    reasons.label_fr as reason_label
from read_parquet('data/ind_revisions.parquet') as revisions
left join read_parquet('data/voc_unit.parquet') as units on revisions.unit = units.code
left join read_parquet('data/voc_indicator.parquet') as indicators on revisions.indicator = indicators.code
left join read_parquet('data/voc_revision_reason.parquet') as reasons on revisions.reason = reasons.code
left join read_parquet('data/labels.parquet') as types
    on types.domain = 'segment_type' and revisions.segment_type = types.code
left join read_parquet('data/labels.parquet') as segments
    on revisions.segment_type = segments.domain and revisions.segment = segments.code
where revisions.current_figure is distinct from revisions.first_figure
order by revisions.reference_month desc, units.position, indicators.position
