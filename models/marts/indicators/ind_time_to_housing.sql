with medians as (
    select * from {{ ref('ind_survival_medians') }}
    where duration_kind = 'request_to_housing'
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    spell_count as request_count,
    event_count as housed_count,
    round(event_count / spell_count, 4) as housed_share,
    median_days,
    median_low_days,
    median_high_days
from medians
