{% macro latest_row_of_record() -%}
    qualify row_number() over (
        partition by staged.delivery_id, staged.record_id
        order by staged.source_row desc
    ) = 1
{%- endmacro %}
