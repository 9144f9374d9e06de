select
    operator,
    operator_label_fr as operator_label,
    family_fr as family_label,
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    expected_count,
    delivered_count,
    on_time_count,
    completeness_share,
    conformity_share,
    uniqueness_share,
    plausibility_share,
    known_count,
    known_alone_count,
    known_share
from read_parquet('data/dq_scorecard.parquet')
order by reference_month, family_fr, operator_label_fr
