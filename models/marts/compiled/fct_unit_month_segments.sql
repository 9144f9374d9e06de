with person_segments as (
    select * from {{ ref('fct_person_month_segments') }}
),

household_segments as (
    select * from {{ ref('fct_household_month_segments') }}
)

select
    'person' as unit,
    person_id as unit_id,
    reference_month,
    segment_type,
    segment,
    previous_segment,
    is_active,
    was_active,
    inflow_type,
    outflow_type,
    from_state,
    to_state,
    since_date
from person_segments
union all
select
    'household' as unit,
    household_id as unit_id,
    reference_month,
    segment_type,
    segment,
    previous_segment,
    is_active,
    was_active,
    inflow_type,
    outflow_type,
    from_state,
    to_state,
    since_date
from household_segments
