with recursive ties as (  -- noqa: PRS
    select * from {{ ref('fct_household_ties') }}
),

statuses as (
    select * from {{ ref('fct_person_month_statuses') }}
    where not is_opening
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

known_persons as (
    select
        person_id,
        row_number() over (order by min(first_reference_month), person_id) as person_number
    from {{ ref('bridge_person_records') }}
    group by person_id
),

ties_in_force as (
    select
        months.reference_month,
        known_persons.person_number,
        min(known_persons.person_number) over (
            partition by months.reference_month, ties.household_record_id
        ) as earliest_number
    from ties
    inner join known_persons on ties.person_id = known_persons.person_id
    inner join months
        on
            ties.from_month <= months.reference_month
            and ties.before_month > months.reference_month
),

pairs as (
    select
        reference_month,
        person_number,
        earliest_number as other_number
    from ties_in_force
    where person_number > earliest_number
    union all
    select
        reference_month,
        earliest_number as person_number,
        person_number as other_number
    from ties_in_force
    where person_number > earliest_number
),

-- Tied persons take the number of the earliest known among them, until none changes. Each begins
-- with the earliest it is tied to, which settles most households at once.
components (reference_month, person_number, household_number)
using key (reference_month, person_number) as (
    select
        reference_month,
        person_number,
        least(person_number, min(other_number)) as household_number
    from pairs
    group by reference_month, person_number
    union
    select
        pairs.reference_month,
        pairs.other_number as person_number,
        min(components.household_number) as household_number
    from components
    inner join pairs
        on
            components.reference_month = pairs.reference_month
            and components.person_number = pairs.person_number
    inner join recurring.components as known
        on
            pairs.reference_month = known.reference_month
            and pairs.other_number = known.person_number
    where components.household_number < known.household_number
    group by pairs.reference_month, pairs.other_number
)

select
    statuses.person_id,
    statuses.reference_month,
    md5('household|' || coalesce(named_by.person_id, statuses.person_id)) as household_id
from statuses
inner join known_persons on statuses.person_id = known_persons.person_id
left join components
    on
        statuses.reference_month = components.reference_month
        and known_persons.person_number = components.person_number
left join known_persons as named_by on components.household_number = named_by.person_number
