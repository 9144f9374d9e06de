{% test not_blank(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    where coalesce(trim({{ column_name }}), '') = ''
{% endtest %}
