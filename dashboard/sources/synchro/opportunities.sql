select
    reference_month,
    strftime(reference_month, '%Y-%m') as month_code,
    rule,
    position,
    title_fr,
    concerns_fr,
    action_fr,
    persons,
    persons_status,
    persons - lag(persons) over (partition by rule order by reference_month) as persons_change_1_month,
    households,
    households_status,
    share_persons,
    share_persons_status
from read_parquet('data/ind_opportunities.parquet')
order by reference_month, position
