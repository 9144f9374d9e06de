with unit_segments as (
    select * from {{ ref('fct_unit_month_segments') }}
),

counted as (
    select
        reference_month,
        unit,
        segment_type,
        -- As for the flows: who was active belongs to the segment of the month before.
        case when was_active then previous_segment else segment end as segment,
        from_state,
        to_state,
        count(*) as move_count
    from unit_segments
    where segment_type != 'situation'
    group by all
),

with_totals as (
    select
        *,
        sum(move_count) over (
            partition by reference_month, unit, segment_type, segment, from_state
        ) as from_count,
        sum(move_count) over (
            partition by reference_month, unit, segment_type, segment, to_state
        ) as to_count
    from counted
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    from_state,
    to_state,
    cast(move_count as integer) as move_count,
    cast(from_count as integer) as from_count,
    round(move_count / from_count, 4) as from_share,
    cast(to_count as integer) as to_count,
    round(move_count / to_count, 4) as to_share
from with_totals
