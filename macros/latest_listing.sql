{# A single key to order by: DuckDB then keeps the best row of each group, where several make it sort them all. #}
{% macro latest_listing(keys, row_id) -%}
    qualify row_number() over (
        partition by {{ keys }}
        order by row(reference_month, received_at, {{ row_id }}) desc
    ) = 1
{%- endmacro %}
