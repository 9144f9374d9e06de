select
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    phase,
    label_fr as phase_label,
    phase_position,
    start_date,
    end_date,
    case when is_current then 'En cours' else '' end as current_label,
    deliverables,
    deliverables_due,
    deliverables_done,
    deliverables_late,
    planned_eur,
    planned_to_date_eur,
    spent_eur,
    done_share,
    spent_share
from read_parquet('data/ind_programme.parquet')
order by reference_month, phase_position
