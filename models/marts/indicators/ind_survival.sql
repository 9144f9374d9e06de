{% set curve = 'reference_month, duration_kind, unit, segment_type, segment' -%}
with segmented as (
    select * from {{ ref('fct_spell_month_segments') }}
),

moves as (
    select
        {{ curve }},
        entry_days as time_days,
        1 as entries,
        0 as exits,
        0 as events
    from segmented
    union all
    select
        {{ curve }},
        duration_days as time_days,
        0 as entries,
        1 as exits,
        cast(is_event as integer) as events
    from segmented
),

summed as (
    select
        {{ curve }},
        time_days,
        sum(entries) as entries,
        sum(exits) as exits,
        sum(events) as events
    from moves
    group by {{ curve }}, time_days
),

-- At risk on a day: who was watched before it, and had neither ended nor been lost before it.
risks as (
    select
        *,
        sum(entries - exits) over (
            partition by {{ curve }}
            order by time_days
            rows between unbounded preceding and 1 preceding
        ) as at_risk
    from summed
),

steps as (
    select
        {{ curve }},
        time_days,
        at_risk,
        events,
        min(at_risk) over so_far as least_at_risk,
        product(1 - events / at_risk) over so_far as survival,
        sqrt(sum(events / nullif(at_risk * (at_risk - events), 0)) over so_far) as deviation
    from risks
    where events > 0
    window so_far as (
        partition by {{ curve }}
        order by time_days
        rows between unbounded preceding and current row
    )
)

select
    {{ curve }},
    cast(time_days as integer) as time_days,
    cast(at_risk as integer) as at_risk,
    cast(events as integer) as event_count,
    round(survival, 6) as survival,
    -- Greenwood's variance on the scale of log(-log S), where bounds stay within 0 and 1.
    case
        when survival > 0 and survival < 1
            then round(pow(survival, exp(-1.959964 * deviation / ln(survival))), 6)
    end as survival_low,
    case
        when survival > 0 and survival < 1
            then round(pow(survival, exp(1.959964 * deviation / ln(survival))), 6)
    end as survival_high
from steps
where least_at_risk >= {{ var('survival_at_risk') }}
