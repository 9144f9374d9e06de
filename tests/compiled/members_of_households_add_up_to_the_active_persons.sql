with households as (
    select
        reference_month,
        sum(member_count) filter (where is_active) as person_count
    from {{ ref('fct_household_months') }}
    group by reference_month
),

persons as (
    select
        reference_month,
        count(*) filter (where is_active) as person_count
    from {{ ref('fct_person_months') }}
    group by reference_month
)

select
    persons.reference_month,
    persons.person_count,
    households.person_count as member_count
from persons
full join households on persons.reference_month = households.reference_month
where persons.person_count is distinct from coalesce(households.person_count, 0)
