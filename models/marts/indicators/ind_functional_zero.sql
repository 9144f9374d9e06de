with flows as (
    select * from {{ ref('ind_monthly_flows') }}
),

-- The list's first month has no flow: nobody was on it the month before.
placements as (
    select
        reference_month,
        unit,
        segment_type,
        segment,
        active_end,
        case
            when
                row_number() over by_month > 1
                then outflow_own_housing + outflow_supported_housing
        end as placement_count
    from flows
    window by_month as (partition by unit, segment_type, segment order by reference_month)
),

averaged as (
    select
        *,
        count(placement_count) over six_months as observed_months,
        sum(placement_count) over six_months as placements_6_months,
        avg(placement_count) over six_months as average_placements
    from placements
    window six_months as (
        partition by unit, segment_type, segment
        order by reference_month
        rows between 5 preceding and current row
    )
),

compared as (
    select
        *,
        case when observed_months = 6 then active_end < average_placements end as is_below
    from averaged
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    active_end,
    cast(observed_months as integer) as observed_months,
    cast(placements_6_months as integer) as placements_6_months,
    round(average_placements, 4) as average_placements,
    round(active_end - average_placements, 4) as distance,
    round(active_end / nullif(average_placements, 0), 4) as months_of_placements,
    is_below,
    -- Held: this month and the two before it; not known as long as one of them is not.
    case
        when count(is_below) over three_months = 3 then bool_and(is_below) over three_months
    end as is_functional_zero
from compared
window three_months as (
    partition by unit, segment_type, segment
    order by reference_month
    rows between 2 preceding and current row
)
