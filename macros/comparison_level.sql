{% macro comparison_level(levels) -%}
    case
        {% for level, condition in levels -%}
            when {{ condition }} then '{{ level }}'
        {% endfor -%}
    end
{%- endmacro %}
