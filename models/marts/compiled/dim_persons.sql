with person_records as (
    select * from {{ ref('bridge_person_records') }}
),

records as (
    select * from {{ ref('hrm_records') }}
),

-- One row per record, as its operator last wrote it: who delivers often has no louder voice.
latest_listings as (
    select *
    from records
    {{ latest_listing('record_id', 'delivery_id') }}
),

latest_records as (
    select
        person_records.person_id,
        latest_listings.*
    from latest_listings
    inner join person_records on latest_listings.record_id = person_records.record_id
),

persons as (
    select
        person_id,
        cast(count(*) as integer) as record_count,
        cast(count(distinct operator) as integer) as operator_count
    from latest_records
    group by person_id
),

sexes as (
    select
        person_id,
        sex
    from latest_records
    where sex not in ('unknown', 'unmapped', 'not_collected')
    group by person_id, sex
    qualify row_number() over (partition by person_id order by count(*) desc, sex asc) = 1
),

-- A full birth date outweighs a first of January, which often stands for "about that year".
birth_years as (
    select
        person_id,
        birth_year
    from latest_records
    where birth_year is not null
    group by person_id, birth_year
    qualify row_number() over (
        partition by person_id
        order by
            count(*) filter (where birth_date_precision = 'day') desc,
            count(*) desc,
            birth_year asc
    ) = 1
)

select
    persons.person_id,
    coalesce(sexes.sex, 'unknown') as sex,
    birth_years.birth_year,
    persons.record_count,
    persons.operator_count
from persons
left join sexes on persons.person_id = sexes.person_id
left join birth_years on persons.person_id = birth_years.person_id
