{% test same_row_count(model, compare_to, group_by) %}
    select {{ group_by | join(', ') }}, sum(row_count) as rows_too_many
    from (
        select {{ group_by | join(', ') }}, 1 as row_count from {{ model }}
        {%- for relation in compare_to %}
            union all
            select {{ group_by | join(', ') }}, -1 as row_count from {{ relation }}
        {%- endfor %}
    ) as both_sides
    group by all
    having sum(row_count) <> 0
{% endtest %}
