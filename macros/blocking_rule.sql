{% macro blocking_rule(name, parts) -%}
    select
        record_id,
        birth_date_precision,
        '{{ name }}' as blocking_rule,
        {% for part in parts -%}
            cast({{ part }} as varchar){{ " || '-' || " if not loop.last }}
        {%- endfor %} as blocking_key,
    from records
{%- endmacro %}
