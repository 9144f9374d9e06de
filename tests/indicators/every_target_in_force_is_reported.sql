{{ config(severity='warn') }}
-- A target on a figure that no mart gives, or for a segment that does not exist, would be met by
-- silence.
with targets as (
    select * from {{ ref('targets') }}
),

figures as (
    select
        indicator,
        unit,
        segment_type,
        segment
    from {{ ref('ind_headlines') }}
    group by indicator, unit, segment_type, segment
),

followed_indicators as (
    select indicator from figures
    group by indicator
)

select
    targets.indicator,
    targets.unit,
    targets.segment_type,
    targets.segment
from targets
-- A figure that nothing is long enough observed for yet has no rows at all.
inner join followed_indicators on targets.indicator = followed_indicators.indicator
left join figures
    on
        targets.indicator = figures.indicator
        and targets.unit = figures.unit
        and targets.segment_type = figures.segment_type
        and targets.segment = figures.segment
where figures.indicator is null
