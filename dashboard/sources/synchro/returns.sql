select
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    unit,
    horizon_months,
    'dans les ' || horizon_months || ' mois' as horizon_label,
    housed_count,
    followed_count,
    returned_count,
    returned_share
from read_parquet('data/ind_returns.parquet')
where segment_type = 'total'
order by reference_month, unit, horizon_months
