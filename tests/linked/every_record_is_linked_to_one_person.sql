-- No record is lost or counted twice on the way from the harmonised lists to persons, with an
-- identity or without.
with records as (
    select record_id
    from {{ ref('hrm_records') }}
    group by record_id
),

person_records as (
    select
        record_id,
        count(*) as row_count
    from {{ ref('lnk_person_records') }}
    group by record_id
)

select
    coalesce(records.record_id, person_records.record_id) as record_id,
    person_records.row_count
from records
full join person_records on records.record_id = person_records.record_id
where
    records.record_id is null
    or person_records.row_count is distinct from 1
