{% macro latest_known(column) -%}
    arg_max(records.{{ column }}, row(records.received_at, records.record_id)) filter (
        where records.{{ column }} not in ('unknown', 'unmapped', 'not_collected')
    )
{%- endmacro %}
