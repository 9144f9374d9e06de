{% test mapping_is_complete(model, fields, at_most) %}
    {%- for field in fields %}
        select '{{ field }}' as field, operator, {{ field }}_source as source_value, count(*) as value_count
        from {{ model }}
        where {{ field }} = 'unmapped' and (
            select count(*) filter ({{ field }} = 'unmapped') > greatest({{ at_most }} * count(*), 20)
            from {{ model }}
            where trim({{ field }}_source) <> ''
        )
        group by all
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endtest %}
