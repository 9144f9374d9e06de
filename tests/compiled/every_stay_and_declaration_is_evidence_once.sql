-- Nothing an operator wrote is lost or multiplied between what is stated and what a status rests
-- on, but for the records of those whom no record identifies.
with stated as (
    select
        record_id,
        entry_date as start_date,
        count(*) as row_count
    from {{ ref('fct_stays') }}
    group by record_id, start_date
    union all
    select
        record_id,
        declared_date as start_date,
        count(*) as row_count
    from {{ ref('fct_declarations') }}
    group by record_id, start_date
),

expected as (
    select
        stated.record_id,
        stated.start_date,
        sum(stated.row_count) as row_count
    from stated
    inner join {{ ref('bridge_person_records') }} as person_records
        on stated.record_id = person_records.record_id
    where person_records.is_identified
    group by stated.record_id, stated.start_date
),

found as (
    select
        record_id,
        start_date,
        count(*) as row_count
    from {{ ref('fct_evidence') }}
    group by record_id, start_date
)

select
    coalesce(expected.record_id, found.record_id) as record_id,
    coalesce(expected.start_date, found.start_date) as start_date,
    expected.row_count as stated_count,
    found.row_count as evidence_count
from expected
full join found
    on expected.record_id = found.record_id and expected.start_date = found.start_date
where expected.row_count is distinct from found.row_count
