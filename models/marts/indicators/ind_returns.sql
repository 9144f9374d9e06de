with unit_segments as (
    select * from {{ ref('fct_unit_month_segments') }}
),

-- In its total a unit has one row a month in which it is active or was the month before.
active_months as (
    select
        unit,
        unit_id,
        reference_month
    from unit_segments
    where segment_type = 'total' and is_active
),

last_month as (
    select max(reference_month) as reference_month from {{ ref('dim_months') }}
),

-- A cohort's segment is the one its members left.
housed as (
    select
        unit,
        unit_id,
        reference_month,
        segment_type,
        previous_segment as segment
    from unit_segments
    where outflow_type in ('own_housing', 'supported_housing')
),

first_returns as (
    select
        housed.unit,
        housed.unit_id,
        housed.reference_month,
        min(active_months.reference_month) as return_month
    from housed
    inner join active_months
        on
            housed.unit = active_months.unit
            and housed.unit_id = active_months.unit_id
            and housed.reference_month < active_months.reference_month
    where housed.segment_type = 'total'
    group by housed.unit, housed.unit_id, housed.reference_month
),

followed as (
    select
        housed.*,
        horizons.horizon_months,
        date_diff(
            'month', housed.reference_month, first_returns.return_month
        ) <= horizons.horizon_months as is_back,
        date_diff(
            'month', housed.reference_month, last_month.reference_month
        ) >= horizons.horizon_months as is_observed
    from housed
    cross join last_month
    cross join (select unnest([3, 6, 12, 24]) as horizon_months) as horizons
    left join first_returns
        on
            housed.unit = first_returns.unit
            and housed.unit_id = first_returns.unit_id
            and housed.reference_month = first_returns.reference_month
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    cast(horizon_months as integer) as horizon_months,
    cast(count(*) as integer) as housed_count,
    case when bool_and(is_observed) then cast(count(*) as integer) end as followed_count,
    case
        when bool_and(is_observed) then cast(count(*) filter (where is_back) as integer)
    end as returned_count,
    case
        when bool_and(is_observed) then round(count(*) filter (where is_back) / count(*), 4)
    end as returned_share
from followed
group by reference_month, unit, segment_type, segment, horizon_months
