-- A way in for who becomes active and only then, a way out for who ceases to be, and `was_active`
-- is last month's.
with person_months as (
    select
        *,
        coalesce(
            lag(status = 'active') over (partition by person_id order by reference_month), false
        ) as was_active_before
    from {{ ref('fct_person_months') }}
)

select
    person_id,
    reference_month,
    status,
    was_active,
    inflow_type,
    outflow_type
from person_months
where
    is_active is distinct from (status = 'active')
    or was_active is distinct from was_active_before
    or (inflow_type is not null) is distinct from (is_active and not was_active_before)
    or (outflow_type is not null) is distinct from (was_active_before and not is_active)
