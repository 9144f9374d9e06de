-- In every segment; the list's first month starts from nobody, and all in it are `first_list`.
with flows as (
    select
        *,
        lag(active_end, 1, 0) over (
            partition by unit, segment_type, segment
            order by reference_month
        ) as previous_active_end,
        row_number() over (
            partition by unit, segment_type, segment
            order by reference_month
        ) = 1 as is_first
    from {{ ref('ind_monthly_flows') }}
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    active_start,
    previous_active_end
from flows
where
    active_start is distinct from previous_active_end
    or (is_first and inflow_first_list != inflow)
    or (not is_first and inflow_first_list != 0)
