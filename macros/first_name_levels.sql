{% macro first_name_levels() -%}
    {%- set levels = name_levels('first_name', 'last_name') -%}
    {#- Names that other records write too are no slips of the pen: twins, not one person. -#}
    {%- set confirmed = ('different_confirmed', 'records_l.is_name_confirmed and records_r.is_name_confirmed') -%}
    {{ return(levels[:-2] + [confirmed] + levels[-2:]) }}
{%- endmacro %}
