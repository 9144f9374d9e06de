with person_segments as (
    select * from {{ ref('fct_person_month_segments') }}
),

household_segments as (
    select * from {{ ref('fct_household_month_segments') }}
)

select
    'person' as unit,
    person_id as unit_id,
    * exclude (person_id)
from person_segments
union all
select
    'household' as unit,
    household_id as unit_id,
    * exclude (household_id)
from household_segments
