-- What landing set aside, by operator, month, column and reason: what operators have to correct.
{{ config(group='compiled_list') }}

select
    deliveries.operator,
    deliveries.extract,
    deliveries.reference_month,
    quarantine.code,
    quarantine.column_name,
    count(*) as row_count,
    min(quarantine.source_row) as first_row,
    max(quarantine.source_row) as last_row
from {{ source('raw', 'quarantine') }} as quarantine
inner join {{ ref('stg_synchro__deliveries') }} as deliveries
    on quarantine.delivery_id = deliveries.delivery_id
where deliveries.is_current
group by all
order by
    deliveries.reference_month, deliveries.operator, deliveries.extract, quarantine.code,
    quarantine.column_name
