{% macro blocking_rule(name, parts, knows_no_more='true') -%}
    select
        record_id,
        '{{ name }}' as blocking_rule,
        {% for part in parts -%}
            cast({{ part }} as varchar){{ " || '-' || " if not loop.last }}
        {%- endfor %} as blocking_key,
        {{ knows_no_more }} as knows_no_more,
    from records
{%- endmacro %}
