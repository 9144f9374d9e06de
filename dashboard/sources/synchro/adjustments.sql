select
    todo.operator,
    todo.label_fr as issue_label,
    entities.label_fr as entity_label,
    coalesce(fields.label_fr, todo.field) as field_label,
    todo.detail,
    todo.advice_fr as advice,
    todo.first_month,
    todo.last_month,
    todo.row_count,
    case todo.status when 'open' then 'À traiter' else 'Réglé' end as state_label
from read_parquet('data/dq_adjustments.parquet') as todo
left join read_parquet('data/labels.parquet') as entities
    on entities.domain = 'entity' and todo.entity = entities.code
left join read_parquet('data/labels.parquet') as fields
    on fields.domain = 'field' and todo.entity || '.' || todo.field = fields.code
order by todo.status, todo.row_count desc
