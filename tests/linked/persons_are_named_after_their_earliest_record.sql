-- The name of a person needs no memory: it is that of the record received first, the smaller id on
-- the same moment.
with receptions as (
    select
        record_id,
        min(first_received_at) as first_received_at
    from {{ ref('lnk_records') }}
    group by record_id
),

person_records as (
    select * from {{ ref('lnk_person_records') }}
),

expected as (
    select
        person_records.person_id,
        arg_min(
            person_records.record_id, row(receptions.first_received_at, person_records.record_id)
        ) as earliest_record_id
    from person_records
    left join receptions on person_records.record_id = receptions.record_id
    group by person_records.person_id
)

select * from expected
where person_id is distinct from earliest_record_id
