with records as (
    select * from {{ ref('hrm_records') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

stated as (
    select
        person_records.person_id,
        records.household_record_id,
        records.reference_month
    from records
    inner join person_records on records.record_id = person_records.record_id
    where records.household_record_id is not null
    group by person_records.person_id, records.household_record_id, records.reference_month
),

-- A tie holds until an operator names the person in a household again, or lists that household
-- without the person, who has left it.
with_next as (
    select
        *,
        min(reference_month) over (
            partition by person_id
            order by reference_month
            range between interval 1 day following and unbounded following
        ) as person_stated_again,
        min(reference_month) over (
            partition by household_record_id
            order by reference_month
            range between interval 1 day following and unbounded following
        ) as household_stated_again
    from stated
)

select
    person_id,
    household_record_id,
    reference_month as from_month,
    least(
        coalesce(person_stated_again, date '9999-12-31'),
        coalesce(household_stated_again, date '9999-12-31')
    ) as before_month
from with_next
