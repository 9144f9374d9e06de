with coded as (
    {% for entity, fields in var('mapped_fields').items() %}
        {% set last_entity = loop.last %}
        {% for field in fields %}
            select
                operator,
                '{{ entity }}' as entity,
                '{{ field }}' as field,
                reference_month,
                coalesce(trim({{ field }}_source), '') <> '' as is_filled,
                {{ field }} as code
            from {{ ref('hrm_' ~ entity) }}
            {{ 'union all' if not (last_entity and loop.last) }}
        {% endfor %}
    {% endfor %}
),

counted as (
    select
        operator,
        entity,
        field,
        reference_month,
        count(*) as row_count,
        count(*) filter (where is_filled) as value_count,
        count(*) filter (
            where code not in ('unknown', 'unmapped', 'not_collected')
        ) as mapped_count,
        count(*) filter (where code = 'unknown') as unknown_count,
        count(*) filter (where code = 'unmapped') as unmapped_count,
        count(*) filter (where code = 'not_collected') as not_collected_count
    from coded
    group by operator, entity, field, reference_month
)

select
    *,
    round(unmapped_count / nullif(value_count, 0), 4) as unmapped_share
from counted
