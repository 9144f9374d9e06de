with statuses as (
    select * from {{ ref('fct_person_month_statuses') }}
    where not is_opening
),

episodes as (
    select * from {{ ref('fct_episodes') }}
),

begun as (
    select
        statuses.person_id,
        statuses.reference_month,
        statuses.month_end,
        statuses.status,
        statuses.last_seen_date,
        episodes.episode_number,
        episodes.start_date,
        episodes.end_date,
        episodes.episode_number = max(episodes.episode_number) over (
            partition by statuses.person_id, statuses.reference_month
        ) as is_latest
    from statuses
    left join episodes
        on
            statuses.person_id = episodes.person_id
            and statuses.month_end >= episodes.start_date
),

-- As known at the month's end: nobody knew then whether who was not seen would be seen again.
known as (
    select
        *,
        cast(reference_month - interval 35 month as date) as long_term_start,
        case
            when is_latest and status = 'active' then month_end + 1
            when is_latest and status = 'inactive' then last_seen_date + 1
            else end_date
        end as until_date
    from begun
)

select
    person_id,
    reference_month,
    max(episode_number) as episode_number,
    max(start_date) as homeless_since_date,
    cast(coalesce(sum(
        greatest(0, until_date - greatest(start_date, reference_month))
    ), 0) as integer) as days_homeless_in_month,
    cast(coalesce(
        max(until_date - start_date) filter (where is_latest), 0
    ) as integer) as days_homeless_in_episode,
    coalesce(sum(
        greatest(0, until_date - greatest(start_date, long_term_start))
    ), 0) >= {{ var('long_term_days') }} as is_long_term
from known
group by person_id, reference_month
