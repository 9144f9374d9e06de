with capacities as (
    select * from {{ ref('hrm_capacities') }}
),

stays as (
    select * from {{ ref('fct_stays') }}
),

person_months as (
    select * from {{ ref('fct_person_months') }}
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

need_responses as (
    select * from {{ ref('need_responses') }}
),

-- What answers each need; a place that answers any is counted once in the total.
responses as (
    select
        need,
        situation
    from need_responses
    union
    select
        'total' as need,
        situation
    from need_responses
),

needs as (
    select need from responses
    group by need
),

places as (
    select
        capacities.reference_month,
        responses.need,
        sum(capacities.places) as places,
        sum(capacities.places_occupied) as places_occupied,
        sum(greatest(capacities.places - capacities.places_occupied, 0)) as places_vacant
    from capacities
    inner join responses on capacities.situation = responses.situation
    group by capacities.reference_month, responses.need
),

-- An opening is a place that a household was given in the month, whoever it was.
openings as (
    select
        person_months.reference_month,
        responses.need,
        count(distinct person_months.household_id) as openings
    from stays
    inner join responses on stays.situation = responses.situation
    inner join person_months
        on
            stays.person_id = person_months.person_id
            and date_trunc('month', stays.entry_date) = person_months.reference_month
    group by person_months.reference_month, responses.need
)

select
    months.reference_month,
    needs.need,
    cast(places.places as integer) as places,
    cast(places.places_occupied as integer) as places_occupied,
    cast(places.places_vacant as integer) as places_vacant,
    places.places_occupied / nullif(places.places, 0) as occupancy,
    cast(coalesce(openings.openings, 0) as integer) as openings
from months
cross join needs
left join places
    on
        months.reference_month = places.reference_month
        and needs.need = places.need
left join openings
    on
        months.reference_month = openings.reference_month
        and needs.need = openings.need
