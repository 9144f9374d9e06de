with figures as (
    select * from {{ ref('ind_headlines') }}
),

targets as (
    select
        *,
        lead(from_month, 1, date '9999-12-01') over (
            partition by indicator, unit, segment_type, segment order by from_month
        ) as until_month
    from {{ ref('targets') }}
),

indicators as (
    select * from {{ ref('voc_indicator') }}
)

select
    figures.reference_month,
    figures.indicator,
    figures.unit,
    figures.segment_type,
    figures.segment,
    figures.figure as actual,
    targets.target,
    round(figures.figure - targets.target, 4) as gap,
    case
        when indicators.is_lower_better then figures.figure <= targets.target
        else figures.figure >= targets.target
    end as is_met,
    targets.note_fr
from figures
-- One target is in force in a month: each lasts until the next begins.
inner join targets
    on
        figures.indicator = targets.indicator
        and figures.unit = targets.unit
        and figures.segment_type = targets.segment_type
        and figures.segment = targets.segment
        and figures.reference_month >= targets.from_month
        and figures.reference_month < targets.until_month
inner join indicators on figures.indicator = indicators.code
