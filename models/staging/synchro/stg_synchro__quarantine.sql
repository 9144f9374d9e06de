with quarantine as (
    select * from {{ source('raw', 'quarantine') }}
),

deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
)

select
    deliveries.operator,
    deliveries.extract,
    deliveries.reference_month,
    quarantine.delivery_id,
    quarantine.source_row,
    quarantine.column_name,
    quarantine.code
from quarantine
inner join deliveries on quarantine.delivery_id = deliveries.delivery_id
where deliveries.is_current
