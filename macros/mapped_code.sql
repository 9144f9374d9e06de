{% macro mapped_code(field, column) -%}
    coalesce(
        map_{{ field }}.{{ field }},
        case when {{ source_key('staged.' ~ column) }} is null then 'unknown' else 'unmapped' end
    )
{%- endmacro %}
