with person_spells as (
    select * from {{ ref('fct_person_spells') }}
),

first_month as (
    select reference_month from {{ ref('dim_months') }}
    where is_first
),

-- A household formed of persons already without a home is watched from then on.
household_episodes as (
    select
        episodes.*,
        greatest(first_month.reference_month, episodes.formed_month) as observed_from
    from {{ ref('fct_household_episodes') }} as episodes
    cross join first_month
),

-- A household waits from its first member's request to its first member's housing.
household_waits as (
    select
        household_id,
        min(start_date) as start_date,
        coalesce(
            min(end_date) filter (where is_event),
            case when count(end_date) = count(*) then max(end_date) end
        ) as end_date,
        bool_or(is_event) as is_event,
        any_value(observed_from) as observed_from,
        arg_min(household_type, row(start_date, person_id)) as household_type,
        arg_min(situation, row(start_date, person_id)) as situation,
        arg_min(commune, row(start_date, person_id)) as commune
    from person_spells
    where duration_kind = 'request_to_housing' and household_id is not null
    group by household_id
)

select
    duration_kind,
    'person' as unit,
    person_id as unit_id,
    spell_number,
    start_date,
    end_date,
    is_event,
    observed_from,
    household_type,
    age_band,
    sex,
    situation,
    commune
from person_spells
union all
select
    'request_to_housing' as duration_kind,
    'household' as unit,
    household_id as unit_id,
    1 as spell_number,
    start_date,
    end_date,
    is_event,
    observed_from,
    household_type,
    cast(null as varchar) as age_band,
    cast(null as varchar) as sex,
    situation,
    commune
from household_waits
where end_date is null or end_date > start_date
union all
select
    'without_home' as duration_kind,
    'household' as unit,
    household_id as unit_id,
    episode_number as spell_number,
    start_date,
    end_date,
    coalesce(end_type not in ('inactive', 'household_dissolved'), false) as is_event,
    observed_from,
    household_type,
    cast(null as varchar) as age_band,
    cast(null as varchar) as sex,
    situation,
    commune
from household_episodes
where end_date is null or end_date > observed_from
