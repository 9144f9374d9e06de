with statuses as (
    select * from {{ ref('fct_person_month_statuses') }}
),

transitions as (
    select * from {{ ref('fct_person_month_transitions') }}
),

durations as (
    select * from {{ ref('fct_person_month_durations') }}
),

attributes as (
    select * from {{ ref('fct_person_month_attributes') }}
),

households as (
    select * from {{ ref('fct_person_month_households') }}
),

persons as (
    select * from {{ ref('dim_persons') }}
),

age_bands as (
    select * from {{ ref('age_bands') }}
)

select
    statuses.person_id,
    statuses.reference_month,
    statuses.month_end,
    households.household_id,
    statuses.status,
    transitions.is_active,
    transitions.was_active,
    statuses.situation,
    statuses.commune,
    attributes.household_type,
    persons.sex,
    coalesce(age_bands.code, 'unknown') as age_band,
    attributes.administrative_status,
    attributes.resources,
    attributes.household_record_id,
    statuses.last_seen_date,
    statuses.confirmed_until_date,
    transitions.months_since_first_seen,
    statuses.served_in_month,
    -- Days, and not evidence alone: a stay left open beside a tenancy covers none.
    statuses.served_in_month
    and durations.days_homeless_in_month > 0
    and not transitions.is_active
    and not transitions.was_active as in_and_out_within_month,
    statuses.operator_count,
    durations.episode_number,
    durations.homeless_since_date,
    durations.days_homeless_in_month,
    durations.days_homeless_in_episode,
    durations.is_long_term,
    transitions.inflow_type,
    transitions.outflow_type
from statuses
inner join transitions
    on
        statuses.person_id = transitions.person_id
        and statuses.reference_month = transitions.reference_month
inner join durations
    on
        statuses.person_id = durations.person_id
        and statuses.reference_month = durations.reference_month
inner join attributes
    on
        statuses.person_id = attributes.person_id
        and statuses.reference_month = attributes.reference_month
inner join households
    on
        statuses.person_id = households.person_id
        and statuses.reference_month = households.reference_month
inner join persons on statuses.person_id = persons.person_id
left join age_bands
    on
        year(statuses.month_end) - persons.birth_year
        between age_bands.min_age and age_bands.max_age
