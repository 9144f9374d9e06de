{% test same_row_count(model, entity, without=[]) %}
    select operator, reference_month, sum(row_count) as rows_too_many
    from (
        select operator, reference_month, 1 as row_count from {{ model }}
        where operator not in ('{{ without | join("', '") }}')
        {%- for relation in staged_relations(entity, without) %}
            union all
            select operator, reference_month, -1 as row_count from {{ relation }}
        {%- endfor %}
    ) as both_sides
    group by all
    having sum(row_count) <> 0
{% endtest %}
