{% test mapping_is_complete(model, fields, at_most) %}
    {%- for field in fields %}
        select '{{ field }}' as field, operator, {{ field }}_source as source_value, count(*) as value_count
        from {{ model }}
        where {{ field }} = 'unmapped' and (
            select avg(cast({{ field }} = 'unmapped' as integer))
            from {{ model }}
            where {{ source_key(field ~ '_source') }} is not null
        ) > {{ at_most }}
        group by all
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endtest %}
