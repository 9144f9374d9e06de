{% macro join_mapping(field, column, words_of='staged.operator') -%}
    left join {{ ref('map_' ~ field) }} as map_{{ field }}
        on
            {{ words_of }} = map_{{ field }}.operator
            and {{ source_key('staged.' ~ column) }} = map_{{ field }}.source_value
{%- endmacro %}
