select
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    [
        'janvier', 'février', 'mars', 'avril', 'mai', 'juin',
        'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'
    ][month(reference_month)] || ' ' || year(reference_month) as month_label
from read_parquet('data/dim_months.parquet')
where not is_opening
order by reference_month desc
