-- Whatever is written later, by whichever operator, a person known to have died is on no list.
with deaths as (
    select
        person_id,
        min(start_date) as death_date
    from {{ ref('fct_evidence') }}
    where situation = 'deceased'
    group by person_id
),

person_months as (
    select * from {{ ref('fct_person_months') }}
)

select
    person_months.person_id,
    person_months.reference_month,
    deaths.death_date,
    person_months.status
from person_months
inner join deaths
    on
        person_months.person_id = deaths.person_id
        and person_months.month_end >= deaths.death_date
where person_months.status != 'deceased' or person_months.is_active
