{% macro join_mapping(field, column) -%}
    left join {{ ref('map_' ~ field) }} as map_{{ field }}
        on
            staged.operator = map_{{ field }}.operator
            and {{ source_key('staged.' ~ column) }} = map_{{ field }}.source_value
{%- endmacro %}
