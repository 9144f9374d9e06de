-- Counted again from persons and months, whatever the flows say; segments without anyone count zero.
with person_months as (
    select
        *,
        'total' as total,
    from {{ ref('fct_person_months') }}
    where status = 'active'
),

counted as (
    {% for segment_type in ['total', 'household_type', 'age_band', 'sex', 'situation', 'commune'] -%}
        select
            reference_month,
            '{{ segment_type }}' as segment_type,
            {{ segment_type }} as segment,
            count(*) as active_count,
        from person_months
        group by reference_month, segment
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

flows as (
    select * from {{ ref('ind_monthly_flows') }}
)

select
    reference_month,
    segment_type,
    segment,
    flows.active_end,
    counted.active_count,
from flows
full join counted using (reference_month, segment_type, segment)
where flows.active_end is distinct from coalesce(counted.active_count, 0)
