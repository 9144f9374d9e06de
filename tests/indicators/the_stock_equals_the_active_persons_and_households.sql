-- Counted again from persons, households and months, whatever the flows say; an empty segment is a
-- zero.
{% set units = {
    'person': ['total', 'household_type', 'age_band', 'sex', 'situation', 'commune'],
    'household': ['total', 'household_type', 'situation', 'commune'],
} -%}
with person_months as (
    select
        *,
        'total' as total
    from {{ ref('fct_person_months') }}
    where status = 'active'
),

household_months as (
    select
        *,
        'total' as total
    from {{ ref('fct_household_months') }}
    where is_active
),

counted as (
    {% for unit, segment_types in units.items() -%}
        {% set last_unit = loop.last -%}
        {% for segment_type in segment_types -%}
            select
                reference_month,
                '{{ unit }}' as unit,
                '{{ segment_type }}' as segment_type,
                {{ segment_type }} as segment,
                count(*) as active_count
            from {{ unit }}_months
            group by reference_month, segment
            {{ 'union all' if not (last_unit and loop.last) }}
        {% endfor %}
    {% endfor %}
),

flows as (
    select * from {{ ref('ind_monthly_flows') }}
)

select
    coalesce(flows.reference_month, counted.reference_month) as reference_month,
    coalesce(flows.unit, counted.unit) as unit,
    coalesce(flows.segment_type, counted.segment_type) as segment_type,
    coalesce(flows.segment, counted.segment) as segment,
    flows.active_end,
    counted.active_count
from flows
full join counted
    on
        flows.reference_month = counted.reference_month
        and flows.unit = counted.unit
        and flows.segment_type = counted.segment_type
        and flows.segment = counted.segment
where flows.active_end is distinct from coalesce(counted.active_count, 0)
