with words as (
    {% for entity, fields in var('mapped_fields').items() %}
        {% set last_entity = loop.last %}
        {% for field in fields %}
            select
                operator,
                '{{ entity }}' as entity,
                '{{ field }}' as field,
                {{ source_key(field ~ '_source') }} as source_value,
                reference_month
            from {{ ref('hrm_' ~ entity) }}
            where {{ field }} = 'unmapped'
            {{ 'union all' if not (last_entity and loop.last) }}
        {% endfor %}
    {% endfor %}
)

select
    operator,
    entity,
    field,
    source_value,
    reference_month,
    count(*) as row_count
from words
group by operator, entity, field, source_value, reference_month
