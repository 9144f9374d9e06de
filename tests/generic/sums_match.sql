{% test sums_match(model, entity, column) %}
    select operator, reference_month, sum(quantity) as excess
    from (
        select operator, reference_month, {{ column }} as quantity from {{ model }}
        {%- for relation in staged_relations(entity) %}
            union all
            select operator, reference_month, -{{ column }} as quantity from {{ relation }}
        {%- endfor %}
    ) as both_sides
    group by all
    having sum(quantity) <> 0
{% endtest %}
