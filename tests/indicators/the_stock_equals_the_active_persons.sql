-- Counted again from persons and months, whatever the flows say; an empty segment counts zero.
with person_months as (
    select
        *,
        'total' as total
    from {{ ref('fct_person_months') }}
    where status = 'active'
),

counted as (
    {% for segment_type in [
        'total', 'household_type', 'age_band', 'sex', 'situation', 'commune'
    ] -%}
        select
            reference_month,
            '{{ segment_type }}' as segment_type,
            {{ segment_type }} as segment,
            count(*) as active_count
        from person_months
        group by reference_month, segment
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

flows as (
    select * from {{ ref('ind_monthly_flows') }}
)

select
    coalesce(flows.reference_month, counted.reference_month) as reference_month,
    coalesce(flows.segment_type, counted.segment_type) as segment_type,
    coalesce(flows.segment, counted.segment) as segment,
    flows.active_end,
    counted.active_count
from flows
full join counted
    on
        flows.reference_month = counted.reference_month
        and flows.segment_type = counted.segment_type
        and flows.segment = counted.segment
where flows.active_end is distinct from coalesce(counted.active_count, 0)
