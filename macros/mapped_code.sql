{% macro mapped_code(field, column) -%}
    case
        when {{ source_key('staged.' ~ column) }} is null then 'unknown'
        else coalesce(map_{{ field }}.{{ field }}, 'unmapped')
    end
{%- endmacro %}
