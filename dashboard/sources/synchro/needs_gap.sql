-- Exact figures only: openings and pace are not part of the public edition.
select
    needs.reference_month,
    strftime(needs.reference_month, '%Y-%m') as month_code,
    needs.need,
    labels.label_fr as need_label,
    labels.position,
    needs.waiting,
    needs.openings_expected,
    needs.gap,
    needs.pace_12_months,
    needs.months_to_absorb_at_12_months_pace,
    needs.pace_to_absorb_in_12_months
from read_parquet('data/ind_needs_responses.parquet') as needs
left join read_parquet('data/labels.parquet') as labels on labels.domain = 'need' and needs.need = labels.code
order by needs.reference_month, labels.position
