{% macro equality_levels(column) -%}
    {{ return([
        ('missing', 'records_l.' ~ column ~ ' is null or records_r.' ~ column ~ ' is null'),
        ('same', 'records_l.' ~ column ~ ' = records_r.' ~ column),
        ('different', 'true'),
    ]) }}
{%- endmacro %}
