with unit_segments as (
    select * from {{ ref('fct_unit_month_segments') }}
),

-- Who is not active was housed, inactive, gone...: the flow's type says what they came from or went to.
moves as (
    select
        unit,
        unit_id,
        reference_month,
        case when was_active then previous_segment else inflow_type end as from_state,
        case when is_active then segment else outflow_type end as to_state
    from unit_segments
    where segment_type = 'situation'
),

counted as (
    select
        moves.reference_month,
        moves.unit,
        unit_segments.segment_type,
        -- As for the flows: who was active belongs to the segment of the month before.
        case
            when unit_segments.was_active then unit_segments.previous_segment
            else unit_segments.segment
        end as segment,
        moves.from_state,
        moves.to_state,
        count(*) as move_count
    from moves
    inner join unit_segments
        on
            moves.unit = unit_segments.unit
            and moves.unit_id = unit_segments.unit_id
            and moves.reference_month = unit_segments.reference_month
    where unit_segments.segment_type != 'situation'
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
