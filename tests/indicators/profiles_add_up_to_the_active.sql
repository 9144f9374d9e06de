-- Every axis and every crossing holds each active person, and each active household, once.
with active as (
    select
        'person' as unit,
        reference_month,
        count(*) as active_count
    from {{ ref('fct_person_months') }}
    where is_active
    group by reference_month
    union all
    select
        'household' as unit,
        reference_month,
        count(*) as active_count
    from {{ ref('fct_household_months') }}
    where is_active
    group by reference_month
),

sums as (
    select
        unit,
        reference_month,
        segment_type,
        crossed_type,
        sum(active_count) as active_count,
        min(denominator) as denominator
    from {{ ref('ind_profiles') }}
    group by unit, reference_month, segment_type, crossed_type
)

select
    sums.*,
    active.active_count as expected_count
from sums
left join active
    on
        sums.unit = active.unit
        and sums.reference_month = active.reference_month
where
    sums.active_count is distinct from coalesce(active.active_count, 0)
    or sums.denominator is distinct from coalesce(active.active_count, 0)
