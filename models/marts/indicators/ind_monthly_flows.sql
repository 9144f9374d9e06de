with person_segments as (
    select * from {{ ref('fct_person_month_segments') }}
),

-- Seen from the month's end: who is in the segment now, and how they came to be.
arrivals as (
    select
        reference_month,
        segment_type,
        segment,
        count(*) filter (where is_active) as active_end,
        count(inflow_type) as inflow,
        count(*) filter (where inflow_type = 'first_list') as inflow_first_list,
        count(*) filter (where inflow_type = 'newly_identified') as inflow_newly_identified,
        count(*) filter (
            where inflow_type = 'returned_from_housing'
        ) as inflow_returned_from_housing,
        count(*) filter (
            where inflow_type = 'returned_from_inactive'
        ) as inflow_returned_from_inactive,
        count(*) filter (
            where inflow_type = 'returned_to_territory'
        ) as inflow_returned_to_territory,
        count(*) filter (
            where inflow_type = 'returned_to_perimeter'
        ) as inflow_returned_to_perimeter,
        count(*) filter (
            where is_active and was_active and segment != previous_segment
        ) as segment_in
    from person_segments
    group by reference_month, segment_type, segment
),

-- Seen from the month before: who was in the segment, and where they went.
departures as (
    select
        reference_month,
        segment_type,
        previous_segment as segment,
        count(*) as active_start,
        count(outflow_type) as outflow,
        count(*) filter (where outflow_type = 'own_housing') as outflow_own_housing,
        count(*) filter (where outflow_type = 'supported_housing') as outflow_supported_housing,
        count(*) filter (where outflow_type = 'inactive') as outflow_inactive,
        count(*) filter (where outflow_type = 'left_territory') as outflow_left_territory,
        count(*) filter (where outflow_type = 'deceased') as outflow_deceased,
        count(*) filter (where outflow_type = 'out_of_perimeter') as outflow_out_of_perimeter,
        count(*) filter (where is_active and segment != previous_segment) as segment_out
    from person_segments
    where was_active
    group by reference_month, segment_type, previous_segment
),

months as (
    select reference_month from {{ ref('dim_months') }}
    where not is_opening
),

segments as (
    select
        segment_type,
        segment
    from person_segments
    group by segment_type, segment
),

-- Every segment has a row in every month: a zero is a figure, a missing row is not.
counted as (
    select
        months.reference_month,
        segments.segment_type,
        segments.segment,
        arrivals.* exclude (arrivals.reference_month, arrivals.segment_type, arrivals.segment),
        departures.* exclude (
            departures.reference_month, departures.segment_type, departures.segment
        )
    from months
    cross join segments
    left join arrivals
        on
            months.reference_month = arrivals.reference_month
            and segments.segment_type = arrivals.segment_type
            and segments.segment = arrivals.segment
    left join departures
        on
            months.reference_month = departures.reference_month
            and segments.segment_type = departures.segment_type
            and segments.segment = departures.segment
)

select
    reference_month,
    segment_type,
    segment,
    cast(coalesce(active_start, 0) as integer) as active_start,
    cast(coalesce(inflow, 0) as integer) as inflow,
    cast(coalesce(inflow_first_list, 0) as integer) as inflow_first_list,
    cast(coalesce(inflow_newly_identified, 0) as integer) as inflow_newly_identified,
    cast(coalesce(inflow_returned_from_housing, 0) as integer) as inflow_returned_from_housing,
    cast(coalesce(inflow_returned_from_inactive, 0) as integer) as inflow_returned_from_inactive,
    cast(coalesce(inflow_returned_to_territory, 0) as integer) as inflow_returned_to_territory,
    cast(coalesce(inflow_returned_to_perimeter, 0) as integer) as inflow_returned_to_perimeter,
    cast(coalesce(segment_in, 0) as integer) as segment_in,
    cast(coalesce(outflow, 0) as integer) as outflow,
    cast(coalesce(outflow_own_housing, 0) as integer) as outflow_own_housing,
    cast(coalesce(outflow_supported_housing, 0) as integer) as outflow_supported_housing,
    cast(coalesce(outflow_inactive, 0) as integer) as outflow_inactive,
    cast(coalesce(outflow_left_territory, 0) as integer) as outflow_left_territory,
    cast(coalesce(outflow_deceased, 0) as integer) as outflow_deceased,
    cast(coalesce(outflow_out_of_perimeter, 0) as integer) as outflow_out_of_perimeter,
    cast(coalesce(segment_out, 0) as integer) as segment_out,
    cast(coalesce(active_end, 0) as integer) as active_end
from counted
