-- A zero is a figure, a missing row is not: as many rows as months times segments.
with flows as (
    select * from {{ ref('ind_monthly_flows') }}
),

months as (
    select reference_month
    from {{ ref('dim_months') }}
    where not is_opening
),

segments as (
    select
        unit,
        segment_type,
        segment
    from flows
    group by unit, segment_type, segment
)

select
    months.reference_month,
    segments.unit,
    segments.segment_type,
    segments.segment
from months
cross join segments
left join flows
    on
        months.reference_month = flows.reference_month
        and segments.unit = flows.unit
        and segments.segment_type = flows.segment_type
        and segments.segment = flows.segment
where flows.reference_month is null
