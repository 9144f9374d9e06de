{% macro union_operators(entity) -%}
    {%- for operator in var('operators')[entity] %}
        select {{ model.columns.keys() | join(', ') }}
        from {{ ref('hrm_' ~ entity ~ '__' ~ operator) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
