-- Records in = records of persons: none lost, none counted twice, person by person.
with persons as (
    select * from {{ ref('dim_persons') }}
),

records as (
    select
        person_id,
        count(*) as record_count,
        count(distinct operator) as operator_count
    from {{ ref('bridge_person_records') }}
    group by person_id
)

select
    coalesce(persons.person_id, records.person_id) as person_id,
    persons.record_count,
    records.record_count as bridged_count
from persons
full join records on persons.person_id = records.person_id
where
    persons.record_count is distinct from records.record_count
    or persons.operator_count is distinct from records.operator_count
