{% macro current_rows(operator, extract) -%}
    select
        deliveries.operator,
        deliveries.reference_month,
        deliveries.delivery_id,
        deliveries.received_at,
        landed._source_row as source_row,
        landed._record_id as record_id,
        landed._household_id as household_record_id,
        landed.* exclude (_delivery_id, _source_row, _record_id, _household_id)
    from {{ source(operator, extract) }} as landed
    inner join {{ ref('stg_synchro__deliveries') }} as deliveries
        on landed._delivery_id = deliveries.delivery_id
    where deliveries.is_current
{%- endmacro %}
