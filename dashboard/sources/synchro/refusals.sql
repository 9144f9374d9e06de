select
    refusals.reference_month,
    strftime(refusals.reference_month, '%Y-%m') as month_code,
    reasons.label_fr as refusal_reason_label,
    reasons.position,
    refusals.refused,
    refusals.denominator,
    refusals.refused_share
from read_parquet('data/ind_refusals.parquet') as refusals
left join read_parquet('data/labels.parquet') as reasons
    on reasons.domain = 'refusal_reason' and refusals.refusal_reason = reasons.code
where refusals.need = 'total' and refusals.refusal_reason <> 'total'
order by refusals.reference_month, reasons.position
