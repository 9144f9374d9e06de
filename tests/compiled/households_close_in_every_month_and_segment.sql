-- active(t) = active(t−1) + inflow − outflow ± changes of segment, households as persons: what came
-- to be in a segment, less what left it, is the difference of its stocks.
with segments as (
    select * from {{ ref('fct_household_month_segments') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

stocks as (
    select
        reference_month,
        segment_type,
        segment,
        1 as active_end,
        0 as movement
    from segments
    where is_active
    union all
    -- Next month this stock is what it starts from.
    select
        cast(segments.reference_month + interval 1 month as date) as reference_month,
        segments.segment_type,
        segments.segment,
        0 as active_end,
        1 as movement
    from segments
    inner join months
        on segments.reference_month + interval 1 month = months.reference_month
    where segments.is_active
    union all
    select
        reference_month,
        segment_type,
        segment,
        0 as active_end,
        1 as movement
    from segments
    where inflow_type is not null or (is_active and segment != previous_segment)
    union all
    select
        reference_month,
        segment_type,
        previous_segment as segment,
        0 as active_end,
        -1 as movement
    from segments
    where outflow_type is not null or (is_active and was_active and segment != previous_segment)
)

select
    reference_month,
    segment_type,
    segment,
    sum(active_end) as active_end,
    sum(movement) as expected
from stocks
group by reference_month, segment_type, segment
having sum(active_end) != sum(movement)
