with flows as (
    select * from {{ ref('ind_monthly_flows') }}
),

scenarios as (
    select * from {{ ref('scenarios') }}
),

-- The list's first month has no flow: nobody was on it the month before.
recent_months as (
    select
        reference_month,
        row_number() over (order by reference_month desc) as month_number
    from {{ ref('dim_months') }}
    where not is_opening and not is_first
    qualify row_number() over (order by reference_month desc) <= 6
)

select
    scenarios.scenario,
    scenarios.label_fr as scenario_label_fr,
    flows.unit,
    flows.segment_type,
    flows.segment,
    flows.reference_month,
    cast(recent_months.month_number as integer) as month_number,
    flows.inflow + flows.segment_in as arrivals,
    flows.outflow + flows.segment_out as departures,
    flows.outflow_own_housing + flows.outflow_supported_housing as placements,
    cast(
        flows.inflow * (1 - scenarios.inflow_cut_share) + flows.segment_in
        - (flows.outflow + flows.segment_out)
        + (flows.outflow_own_housing + flows.outflow_supported_housing)
        - coalesce(
            scenarios.placements_per_month,
            flows.outflow_own_housing + flows.outflow_supported_housing
        ) as double
    ) as net_change
from flows
inner join recent_months on flows.reference_month = recent_months.reference_month
-- A unit has as many rows as scenarios; placements are voted for the territory, not for a segment.
inner join scenarios on flows.unit = scenarios.unit
where flows.segment_type = 'total' or scenarios.placements_per_month is null
