{% macro shared_bits(field) -%}
    (
        {%- for word in range(4) %}
            cast(bit_count(records_l.{{ field }}_f{{ word }} & records_r.{{ field }}_f{{ word }}) as integer)
            {{- ' +' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
