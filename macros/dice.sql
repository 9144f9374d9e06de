{% macro dice(field) -%}
    2.0 * (
        {%- for word in range(4) %}
            cast(bit_count(records_l.{{ field }}_f{{ word }} & records_r.{{ field }}_f{{ word }}) as integer)
            {{- ' +' if not loop.last }}
        {%- endfor %}
    ) / (records_l.{{ field }}_bits + records_r.{{ field }}_bits)
{%- endmacro %}
