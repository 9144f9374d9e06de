-- Each person is in one segment of each type: measures add up to the total, and moves cancel out.
{% set measures = [
    'active_start', 'inflow', 'inflow_first_list', 'inflow_newly_identified',
    'inflow_returned_from_housing', 'inflow_returned_from_inactive',
    'inflow_returned_to_territory', 'inflow_returned_to_perimeter', 'inflow_household_formed',
    'outflow', 'outflow_own_housing', 'outflow_supported_housing', 'outflow_inactive',
    'outflow_left_territory', 'outflow_deceased', 'outflow_out_of_perimeter',
    'outflow_household_dissolved', 'active_end',
] -%}
with sums as (
    select
        reference_month,
        unit,
        segment_type,
        {% for measure in measures -%}
            sum({{ measure }}) as {{ measure }},
        {% endfor -%}
        sum(segment_in) - sum(segment_out) as net_moves
    from {{ ref('ind_monthly_flows') }}
    group by reference_month, unit, segment_type
),

totals as (
    select * from sums
    where segment_type = 'total'
)

select
    sums.reference_month,
    sums.unit,
    sums.segment_type
from sums
left join totals
    on
        sums.reference_month = totals.reference_month
        and sums.unit = totals.unit
where
    sums.net_moves != 0
    or totals.reference_month is null
    {% for measure in measures -%}
        or sums.{{ measure }} is distinct from totals.{{ measure }}
    {% endfor %}
