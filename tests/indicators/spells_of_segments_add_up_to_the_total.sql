-- A spell has one segment of each type that its unit has.
with sums as (
    select
        reference_month,
        duration_kind,
        unit,
        segment_type,
        sum(spell_count) as spell_count,
        sum(event_count) as event_count
    from {{ ref('ind_survival_medians') }}
    group by reference_month, duration_kind, unit, segment_type
),

totals as (
    select * from sums
    where segment_type = 'total'
)

select
    sums.reference_month,
    sums.duration_kind,
    sums.unit,
    sums.segment_type
from sums
left join totals
    on
        sums.reference_month = totals.reference_month
        and sums.duration_kind = totals.duration_kind
        and sums.unit = totals.unit
where
    sums.spell_count is distinct from totals.spell_count
    or sums.event_count is distinct from totals.event_count
