select
    ghosts.reference_month,
    strftime(ghosts.reference_month, '%Y-%m') as month_code,
    operators.label_fr as operator_label,
    reasons.label_fr as reason_label,
    ghosts.stay_count,
    ghosts.person_count,
    ghosts.days_avoided
from read_parquet('data/dq_ghost_stays.parquet') as ghosts
left join read_parquet('data/operators.parquet') as operators on ghosts.operator = operators.operator
left join read_parquet('data/voc_closing_reason.parquet') as reasons on ghosts.closing_reason = reasons.code
order by ghosts.reference_month desc, operators.label_fr
