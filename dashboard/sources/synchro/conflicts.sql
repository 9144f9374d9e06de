select
    conflicts.reference_month,
    strftime(conflicts.reference_month, '%Y-%m') as month_code,
    homeless.label_fr as homeless_operator_label,
    housed.label_fr as housed_operator_label,
    conflicts.conflict_count,
    conflicts.overruled_count,
    conflicts.person_count
from read_parquet('data/dq_evidence_conflicts.parquet') as conflicts
left join read_parquet('data/operators.parquet') as homeless on conflicts.homeless_operator = homeless.operator
left join read_parquet('data/operators.parquet') as housed on conflicts.housed_operator = housed.operator
order by conflicts.reference_month desc, conflicts.person_count desc
