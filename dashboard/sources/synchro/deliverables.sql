select
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    position,
    label_fr as deliverable_label,
    phase_label_fr as phase_label,
    due_date,
    done_date,
    case
        when is_done and coalesce(days_late, 0) > 0 then 'Rendu en retard'
        when is_done then 'Rendu'
        when is_due then 'En retard'
        else 'À venir'
    end as state_label,
    days_late
from read_parquet('data/ind_deliverables.parquet')
order by reference_month, position
