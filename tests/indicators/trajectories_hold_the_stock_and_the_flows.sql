-- The matrix has everyone who is on the list at one end of the month: no more, no fewer.
with trajectories as (
    select
        reference_month,
        unit,
        segment_type,
        sum(move_count) as move_count
    from {{ ref('ind_trajectories') }}
    group by reference_month, unit, segment_type
),

flows as (
    select
        reference_month,
        unit,
        active_start + inflow as listed_count
    from {{ ref('ind_monthly_flows') }}
    where segment_type = 'total'
)

select
    trajectories.reference_month,
    trajectories.unit,
    trajectories.segment_type,
    trajectories.move_count,
    flows.listed_count
from trajectories
left join flows
    on
        trajectories.reference_month = flows.reference_month
        and trajectories.unit = flows.unit
where trajectories.move_count is distinct from flows.listed_count
