-- For whoever was never lost from sight, the days in the month are the days of the episodes: none
-- is lost between two, none counted in two months.
with person_months as (
    select
        person_id,
        sum(days_homeless_in_month) as day_count,
        min(reference_month) as first_month
    from {{ ref('fct_person_months') }}
    group by person_id
    having not bool_or(status = 'inactive')
),

episodes as (
    select * from {{ ref('fct_episodes') }}
),

last_month as (
    select max(month_end) as last_day from {{ ref('dim_months') }}
),

counted as (
    select
        person_months.person_id,
        person_months.day_count,
        coalesce(sum(greatest(
            0,
            coalesce(episodes.end_date, last_month.last_day + 1)
            - greatest(episodes.start_date, person_months.first_month)
        )) filter (where episodes.person_id is not null), 0) as episode_day_count
    from person_months
    cross join last_month
    left join episodes on person_months.person_id = episodes.person_id
    group by person_months.person_id, person_months.day_count
    having not coalesce(bool_or(episodes.end_type = 'inactive'), false)
)

select * from counted
where day_count != episode_day_count
