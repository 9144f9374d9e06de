-- What is left after a day is at most what was left before it (the same, once rounded, where one of
-- thousands went), and the interval holds it.
with steps as (
    select
        *,
        lag(survival, 1, 1) over (
            partition by reference_month, duration_kind, unit, segment_type, segment
            order by time_days
        ) as survival_before
    from {{ ref('ind_survival') }}
)

select
    reference_month,
    duration_kind,
    unit,
    segment_type,
    segment,
    time_days
from steps
where
    survival > survival_before
    or survival_low > survival
    or survival_high < survival
