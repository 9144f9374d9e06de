-- Mapping rows that no word of the deliveries in force meets. Nothing is wrong with such a row:
-- the list helps to find why an expected word stays unmapped.
{{ config(group='compiled_list') }}

with words as (
    {% for entity, fields in var('mapped_fields').items() %}
        {% set last_entity = loop.last %}
        {% for field in fields %}
            select
                operator,
                '{{ 'request_status' if field == 'status' else field }}' as field,
                {{ source_key(field ~ '_source') }} as source_value
            from {{ ref('hrm_' ~ entity) }}
            {{ 'union' if not (last_entity and loop.last) }}
        {% endfor %}
    {% endfor %}
),

mapping_rows as (
    {% for field in [
        'administrative_status', 'answer', 'commune', 'exit_destination', 'exit_reason', 'household_role',
        'household_type', 'need', 'reason', 'refusal_reason', 'request_status', 'resources', 'sex', 'situation',
        'typology',
    ] %}
        select
            operator,
            '{{ field }}' as field,
            source_value,
            {{ field }} as code
        from {{ ref('map_' ~ field) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    mapping_rows.field,
    mapping_rows.operator,
    mapping_rows.source_value,
    mapping_rows.code
from mapping_rows
left join words
    on
        mapping_rows.operator = words.operator
        and mapping_rows.field = words.field
        and mapping_rows.source_value = words.source_value
where words.operator is null
order by mapping_rows.field, mapping_rows.operator, mapping_rows.source_value
