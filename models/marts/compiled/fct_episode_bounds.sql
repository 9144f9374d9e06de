with evidence as (
    select * from {{ ref('fct_evidence') }}
    where not is_overruled
),

ends as (
    select
        *,
        row_number() over (partition by person_id order by end_date) as end_number
    from {{ ref('fct_episode_ends') }}
),

deaths as (
    select
        person_id,
        min(end_date) as death_date
    from ends
    where end_type = 'deceased'
    group by person_id
),

last_month as (
    select max(month_end) as last_day from {{ ref('dim_months') }}
),

homeless as (
    select evidence.*
    from evidence
    cross join last_month
    left join deaths on evidence.person_id = deaths.person_id
    where
        evidence.is_homeless
        and evidence.start_date <= last_month.last_day
        and evidence.start_date < coalesce(deaths.death_date, date '9999-12-31')
),

events as (
    select
        person_id,
        start_date as event_date,
        false as is_end,
        end_date,
        situation,
        source_rank,
        evidence_id
    from homeless
    union all
    select
        person_id,
        end_date as event_date,
        true as is_end,
        null as end_date,
        situation,
        null as source_rank,
        null as evidence_id
    from ends
),

-- An end on the day of homeless evidence comes after it, as in a status.
counted as (
    select
        *,
        count(*) filter (where is_end) over so_far as end_count,
        max(end_date) over so_far as seen_until,
        max(end_date) over before as seen_until_before
    from events
    window
        so_far as (
            partition by person_id
            order by event_date, is_end, source_rank, evidence_id
            rows between unbounded preceding and current row
        ),
        before as (
            partition by person_id
            order by event_date, is_end, source_rank, evidence_id
            rows between unbounded preceding and 1 preceding
        )
),

numbered as (
    select
        *,
        sum(case
            when event_date - seen_until_before <= {{ var('episode_gap_days') }} then 0
            else 1
        end) over (
            partition by person_id
            order by event_date, source_rank, evidence_id
            rows between unbounded preceding and current row
        ) as silence_count
    from counted
    where not is_end
)

select
    numbered.person_id,
    min(numbered.event_date) as start_date,
    max(numbered.seen_until) as seen_until,
    arg_min(
        numbered.situation, row(numbered.event_date, numbered.source_rank, numbered.evidence_id)
    ) as first_situation,
    arg_max(
        numbered.situation,
        row(numbered.end_date, -numbered.source_rank, numbered.event_date, numbered.evidence_id)
    ) as last_situation,
    any_value(ends.end_date) as end_date,
    any_value(ends.end_type) as end_type,
    any_value(ends.situation) as exit_situation
from numbered
left join ends
    on
        numbered.person_id = ends.person_id
        and numbered.end_count + 1 = ends.end_number
group by numbered.person_id, numbered.end_count, numbered.silence_count
