with bounds as (
    select * from {{ ref('fct_episode_bounds') }}
),

months as (
    select
        min(reference_month) filter (where not is_opening) as first_month,
        max(month_end) as last_day
    from {{ ref('dim_months') }}
),

persons as (
    select * from {{ ref('dim_persons') }}
),

attributes as (
    select * from {{ ref('fct_person_month_attributes') }}
),

age_bands as (
    select * from {{ ref('age_bands') }}
),

-- Whoever was silent for too long had left the list before whatever came next.
silent as (
    select
        bounds.*,
        months.first_month,
        months.last_day,
        least(coalesce(bounds.end_date, months.last_day), months.last_day) - bounds.seen_until
        > {{ var('episode_gap_days') }} as is_silent
    from bounds
    cross join months
),

ended as (
    select
        * replace (
            case
                when is_silent then seen_until + 1
                when end_date <= last_day then end_date
            end as end_date,
            case
                when is_silent then 'inactive'
                when end_date <= last_day then end_type
            end as end_type,
            case
                when end_date <= last_day and not is_silent then exit_situation
            end as exit_situation
        )
    from silent
)

select
    ended.person_id,
    cast(row_number() over (
        partition by ended.person_id order by ended.start_date
    ) as integer) as episode_number,
    ended.start_date,
    ended.end_date,
    ended.end_type,
    ended.exit_situation,
    ended.end_date is null as is_open,
    cast(
        coalesce(ended.end_date, ended.last_day + 1) - ended.start_date as integer
    ) as duration_days,
    ended.first_situation,
    ended.last_situation,
    persons.sex,
    coalesce(age_bands.code, 'unknown') as age_band,
    coalesce(attributes.household_type, 'unknown') as household_type
from ended
inner join persons on ended.person_id = persons.person_id
left join attributes
    on
        ended.person_id = attributes.person_id
        and greatest(date_trunc('month', ended.start_date), ended.first_month)
        = attributes.reference_month
left join age_bands
    on
        year(ended.start_date) - persons.birth_year
        between age_bands.min_age and age_bands.max_age
-- Housed, gone or dead on the very day of being seen: no night without a home is known.
where ended.end_date is null or ended.end_date > ended.start_date
