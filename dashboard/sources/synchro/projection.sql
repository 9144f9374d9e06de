select
    scenario,
    scenario_label_fr as scenario_label,
    unit,
    reference_month,
    horizon_months,
    expected_stock,
    expected_stock_status,
    stock_low,
    stock_low_status,
    stock_high,
    stock_high_status
from read_parquet('data/ind_projection.parquet')
where segment_type = 'total'
order by scenario, unit, reference_month
