{% macro dice(field) -%}
    2.0 * {{ shared_bits(field) }} / (records_l.{{ field }}_bits + records_r.{{ field }}_bits)
{%- endmacro %}
