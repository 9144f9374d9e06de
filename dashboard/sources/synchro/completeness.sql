select
    filled.operator,
    filled.reference_month,
    strftime(filled.reference_month, '%Y-%m') as month_code,
    entities.label_fr as entity_label,
    fields.label_fr as field_label,
    fields.position,
    filled.row_count,
    filled.filled_count,
    filled.filled_share
from read_parquet('data/dq_completeness.parquet') as filled
left join read_parquet('data/labels.parquet') as entities
    on entities.domain = 'entity' and filled.entity = entities.code
left join read_parquet('data/labels.parquet') as fields
    on fields.domain = 'field' and filled.entity || '.' || filled.field = fields.code
where filled.filled_share is not null
order by filled.reference_month, filled.operator, fields.position
