with episodes as (
    select * from {{ ref('fct_episodes') }}
),

request_spells as (
    select * from {{ ref('fct_request_spells') }}
),

person_months as (
    select * from {{ ref('fct_person_months') }}
),

first_month as (
    select reference_month from {{ ref('dim_months') }}
    where is_first
),

person_spells as (
    select
        'without_home' as duration_kind,
        person_id,
        episode_number as spell_number,
        start_date,
        end_date,
        -- Lost from sight is not an end: nobody knows where they are.
        coalesce(end_type != 'inactive', false) as is_event,
        first_situation
    from episodes
    union all
    select
        'request_to_housing' as duration_kind,
        person_id,
        1 as spell_number,
        start_date,
        end_date,
        is_housed as is_event,
        null as first_situation
    from request_spells
),

first_seen as (
    select
        person_id,
        min(reference_month) as reference_month
    from person_months
    group by person_id
)

-- What the person was when the spell began, or as soon as the list says.
select
    person_spells.duration_kind,
    person_spells.person_id,
    cast(person_spells.spell_number as integer) as spell_number,
    person_spells.start_date,
    person_spells.end_date,
    person_spells.is_event,
    first_month.reference_month as observed_from,
    person_months.household_id,
    person_months.household_type,
    person_months.age_band,
    person_months.sex,
    coalesce(person_spells.first_situation, person_months.situation) as situation,
    person_months.commune
from person_spells
cross join first_month
inner join first_seen on person_spells.person_id = first_seen.person_id
inner join person_months
    on
        person_spells.person_id = person_months.person_id
        and greatest(
            cast(date_trunc('month', person_spells.start_date) as date),
            first_month.reference_month,
            first_seen.reference_month
        ) = person_months.reference_month
-- What had ended before the list began was never watched.
where person_spells.end_date is null or person_spells.end_date > first_month.reference_month
