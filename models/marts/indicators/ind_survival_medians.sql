with spells as (
    select * from {{ ref('fct_spell_month_segments') }}
),

survival as (
    select * from {{ ref('ind_survival') }}
),

spell_counts as (
    select
        reference_month,
        duration_kind,
        unit,
        segment_type,
        segment,
        count(*) as spell_count,
        count(*) filter (where is_event) as event_count
    from spells
    group by reference_month, duration_kind, unit, segment_type, segment
),

medians as (
    select
        reference_month,
        duration_kind,
        unit,
        segment_type,
        segment,
        min(time_days) filter (where survival <= 0.5) as median_days,
        min(time_days) filter (where coalesce(survival_low, 0) <= 0.5 and survival < 1)
            as median_low_days,
        min(time_days) filter (where survival_high <= 0.5) as median_high_days
    from survival
    group by reference_month, duration_kind, unit, segment_type, segment
)

select
    spell_counts.reference_month,
    spell_counts.duration_kind,
    spell_counts.unit,
    spell_counts.segment_type,
    spell_counts.segment,
    cast(spell_counts.spell_count as integer) as spell_count,
    cast(spell_counts.event_count as integer) as event_count,
    cast(spell_counts.spell_count - spell_counts.event_count as integer) as censored_count,
    medians.median_days,
    medians.median_low_days,
    medians.median_high_days
from spell_counts
left join medians
    on
        spell_counts.reference_month = medians.reference_month
        and spell_counts.duration_kind = medians.duration_kind
        and spell_counts.unit = medians.unit
        and spell_counts.segment_type = medians.segment_type
        and spell_counts.segment = medians.segment
