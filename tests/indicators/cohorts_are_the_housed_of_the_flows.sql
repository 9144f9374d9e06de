-- Whoever left the list for housing is followed, in the segment they left, at every horizon.
with cohorts as (
    select * from {{ ref('ind_returns') }}
),

flows as (
    select
        *,
        outflow_own_housing + outflow_supported_housing as housed_count
    from {{ ref('ind_monthly_flows') }}
),

horizons as (
    select horizon_months from cohorts
    group by horizon_months
)

select
    flows.reference_month,
    flows.unit,
    flows.segment_type,
    flows.segment,
    horizons.horizon_months,
    flows.housed_count,
    cohorts.housed_count as cohort_count
from flows
cross join horizons
left join cohorts
    on
        flows.reference_month = cohorts.reference_month
        and flows.unit = cohorts.unit
        and flows.segment_type = cohorts.segment_type
        and flows.segment = cohorts.segment
        and horizons.horizon_months = cohorts.horizon_months
where flows.housed_count != coalesce(cohorts.housed_count, 0)
