{% test sums_match(model, compare_to, column, group_by) %}
    select {{ group_by | join(', ') }}, sum(quantity) as excess
    from (
        select {{ group_by | join(', ') }}, {{ column }} as quantity from {{ model }}
        {%- for relation in compare_to %}
            union all
            select {{ group_by | join(', ') }}, -{{ column }} as quantity from {{ relation }}
        {%- endfor %}
    ) as both_sides
    group by all
    having sum(quantity) <> 0
{% endtest %}
