-- A household waits for one need and is in one segment of each axis: needs and segments add up.
with waiting as (
    select
        reference_month,
        count(distinct household_id) as waiting
    from {{ ref('fct_request_months') }}
    where is_live
    group by reference_month
),

sums as (
    select
        reference_month,
        segment_type,
        need = 'total' as is_total,
        sum(waiting) as waiting,
        min(denominator) as denominator
    from {{ ref('ind_needs_by_segment') }}
    group by reference_month, segment_type, is_total
)

select
    sums.*,
    waiting.waiting as expected_waiting
from sums
left join waiting on sums.reference_month = waiting.reference_month
where
    sums.waiting is distinct from coalesce(waiting.waiting, 0)
    or sums.denominator is distinct from coalesce(waiting.waiting, 0)
