select
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    unit,
    expected_3_months,
    delivered_3_months,
    is_delivered,
    is_translated,
    is_balanced,
    is_reliable,
    case
        when is_reliable then 'Fiable'
        when is_reliable is null then 'Pas encore établie'
        else 'À lire avec prudence'
    end as verdict,
    case when is_delivered then 'Oui' when is_delivered is null then 'Pas encore connu' else 'Non' end as delivered_label,
    case when is_translated then 'Oui' when is_translated is null then 'Pas encore connu' else 'Non' end as translated_label,
    case when is_balanced then 'Oui' when is_balanced is null then 'Pas encore connu' else 'Non' end as balanced_label
from read_parquet('data/ind_reliability.parquet')
order by reference_month, unit
