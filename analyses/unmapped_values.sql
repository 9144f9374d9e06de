-- Words that operators wrote and no mapping row translates, the most frequent first.
-- `mapping_row` is the line to complete and add to seeds/mappings/map_<field>.csv.
{{ config(group='compiled_list') }}

with coded as (
    {% for entity, fields in var('mapped_fields').items() %}
        {% set last_entity = loop.last %}
        {% for field in fields %}
            {% set mapping = 'request_status' if field == 'status' else field %}
            select
                operator,
                '{{ entity }}' as entity,
                'map_{{ mapping }}' as mapping_seed,
                {{ source_key(field ~ '_source') }} as source_value,
                reference_month
            from {{ ref('hrm_' ~ entity) }}
            where {{ field }} = 'unmapped'
            {{ 'union all' if not (last_entity and loop.last) }}
        {% endfor %}
    {% endfor %}
)

select
    mapping_seed,
    operator,
    entity,
    source_value,
    count(*) as value_count,
    min(reference_month) as first_month,
    max(reference_month) as last_month,
    operator || ',"' || replace(source_value, '"', '""') || '",<code>,' as mapping_row
from coded
group by all
order by value_count desc, mapping_seed asc, operator asc, entity asc, source_value asc
