with records as (
    select * from {{ ref('hrm_records') }}
),

anonymous_records as (
    select * from {{ ref('lnk_anonymous_records') }}
)

select
    records.operator,
    'records' as entity,
    'anonymous_record' as check_code,
    records.reference_month,
    records.record_id,
    records.record_id as row_id,
    cast(null as date) as event_date
from records
inner join anonymous_records on records.record_id = anonymous_records.record_id
group by records.operator, records.reference_month, records.record_id
