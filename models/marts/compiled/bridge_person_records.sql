with person_records as (
    select * from {{ ref('lnk_person_records') }}
),

records as (
    select * from {{ ref('hrm_records') }}
)

select
    records.record_id,
    person_records.person_id,
    records.operator,
    min(records.reference_month) as first_reference_month,
    max(records.reference_month) as last_reference_month
from records
inner join person_records on records.record_id = person_records.record_id
group by records.record_id, person_records.person_id, records.operator
