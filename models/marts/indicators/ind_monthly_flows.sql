{% set inflows = [
    'first_list', 'newly_identified', 'returned_from_housing', 'returned_from_inactive',
    'returned_to_territory', 'returned_to_perimeter', 'household_formed',
] -%}
{% set outflows = [
    'own_housing', 'supported_housing', 'inactive', 'left_territory', 'deceased',
    'out_of_perimeter', 'household_dissolved',
] -%}
with unit_segments as (
    select * from {{ ref('fct_unit_month_segments') }}
),

months as (
    select reference_month from {{ ref('dim_months') }}
    where not is_opening
),

segments as (
    select
        unit,
        segment_type,
        segment
    from unit_segments
    group by unit, segment_type, segment
),

moves as (
    -- Seen from the month's end: who is in the segment now, and how they came to be.
    select
        reference_month,
        unit,
        segment_type,
        segment,
        false as is_in_start,
        is_active as is_in_end,
        inflow_type,
        cast(null as varchar) as outflow_type,
        is_active and was_active and segment != previous_segment as is_segment_in,
        false as is_segment_out
    from unit_segments
    union all
    -- Seen from the month before: who was in the segment, and where they went.
    select
        reference_month,
        unit,
        segment_type,
        previous_segment as segment,
        true as is_in_start,
        false as is_in_end,
        cast(null as varchar) as inflow_type,
        outflow_type,
        false as is_segment_in,
        is_active and segment != previous_segment as is_segment_out
    from unit_segments
    where was_active
    union all
    -- Every segment has a row in every month: a zero is a figure, a missing row is not.
    select
        months.reference_month,
        segments.unit,
        segments.segment_type,
        segments.segment,
        false as is_in_start,
        false as is_in_end,
        cast(null as varchar) as inflow_type,
        cast(null as varchar) as outflow_type,
        false as is_segment_in,
        false as is_segment_out
    from months
    cross join segments
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    cast(count(*) filter (where is_in_start) as integer) as active_start,
    cast(count(inflow_type) as integer) as inflow,
    {% for type in inflows -%}
        cast(count(*) filter (where inflow_type = '{{ type }}') as integer) as inflow_{{ type }},
    {% endfor -%}
    cast(count(*) filter (where is_segment_in) as integer) as segment_in,
    cast(count(outflow_type) as integer) as outflow,
    {% for type in outflows -%}
        cast(count(*) filter (where outflow_type = '{{ type }}') as integer) as outflow_{{ type }},
    {% endfor -%}
    cast(count(*) filter (where is_segment_out) as integer) as segment_out,
    cast(count(*) filter (where is_in_end) as integer) as active_end
from moves
group by reference_month, unit, segment_type, segment
