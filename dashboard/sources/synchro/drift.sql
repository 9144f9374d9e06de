select
    drift.operator,
    drift.reference_month,
    kinds.label_fr as drift_label,
    entities.label_fr as entity_label,
    coalesce(fields.label_fr, drift.field) as field_label,
    drift.measure,
    drift.usual_measure
from read_parquet('data/dq_drift.parquet') as drift
left join read_parquet('data/voc_drift_kind.parquet') as kinds on drift.drift_kind = kinds.code
left join read_parquet('data/labels.parquet') as entities
    on entities.domain = 'entity' and drift.entity = entities.code
left join read_parquet('data/labels.parquet') as fields
    on fields.domain = 'field' and drift.entity || '.' || drift.field = fields.code
order by drift.reference_month desc
