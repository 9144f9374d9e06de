{% macro dice(field, left, right) -%}
    2.0 * (
        {%- for word in range(4) %}
            cast(bit_count({{ left }}.{{ field }}_f{{ word }} & {{ right }}.{{ field }}_f{{ word }}) as integer)
            {{- ' +' if not loop.last }}
        {%- endfor %}
    ) / ({{ left }}.{{ field }}_bits + {{ right }}.{{ field }}_bits)
{%- endmacro %}
