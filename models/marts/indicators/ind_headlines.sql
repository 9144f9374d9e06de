{% set flow_figures = {
    'active_end': 'active_end',
    'inflow': 'inflow - inflow_first_list',
    'inflow_returned_from_housing': 'inflow_returned_from_housing',
    'outflow': 'outflow',
    'outflow_housed': 'outflow_own_housing + outflow_supported_housing',
    'outflow_inactive': 'outflow_inactive',
} -%}
{% set duration_figures = {
    'median_days_without_home': 'median_days',
    'over_12_months_share': 'over_12_months_share',
} -%}
with flows as (
    select * from {{ ref('ind_monthly_flows') }}
),

durations as (
    select * from {{ ref('ind_durations') }}
),

waits as (
    select * from {{ ref('ind_time_to_housing') }}
),

returns as (
    select * from {{ ref('ind_returns') }}
    where horizon_months = 12
),

figures as (
    {% for indicator, formula in flow_figures.items() -%}
        select
            reference_month,
            unit,
            segment_type,
            segment,
            '{{ indicator }}' as indicator,
            {{ formula }} as figure
        from flows
        union all
    {% endfor -%}
    {% for indicator, formula in duration_figures.items() -%}
        select
            reference_month,
            unit,
            segment_type,
            segment,
            '{{ indicator }}' as indicator,
            {{ formula }} as figure
        from durations
        union all
    {% endfor -%}
    select
        reference_month,
        unit,
        segment_type,
        segment,
        'median_days_to_housing' as indicator,
        median_days as figure
    from waits
    union all
    select
        reference_month,
        unit,
        segment_type,
        segment,
        'returned_12_months_share' as indicator,
        returned_share as figure
    from returns
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    indicator,
    cast(figure as double) as figure
from figures
-- Not known (too few observed, not long enough) is not a figure.
where figure is not null
