{% macro last_name_levels() -%}
    {%- set levels = name_levels('last_name', 'first_name') -%}
    {%- set birth_name = (
        'birth_name',
        'records_l.birth_name_token = records_r.last_name_token'
        ~ ' or records_l.last_name_token = records_r.birth_name_token'
        ~ ' or records_l.birth_name_token = records_r.birth_name_token'
    ) -%}
    {#- A birth name tells even where one of the two records has no other last name. -#}
    {{ return([('exact', levels[1][1]), birth_name, levels[0]] + levels[2:]) }}
{%- endmacro %}
