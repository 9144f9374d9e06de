with records as (
    select * from {{ ref('lnk_records') }}
),

-- What another record writes too is no slip of the pen: two such names or identities that differ
-- are two persons, as twins and namesakes are.
confirmed_names as (
    select
        last_name_token,
        first_name_token,
        true as is_name_confirmed
    from records
    group by last_name_token, first_name_token
    having min(record_id) != max(record_id)
),

confirmed_identities as (
    select
        last_name_token,
        first_name_token,
        birth_date_token,
        true as is_identity_confirmed
    from records
    where birth_date_precision = 'day'
    group by last_name_token, first_name_token, birth_date_token
    having min(record_id) != max(record_id)
),

-- A number in the place of a long id: pairs by the million are joined on it.
numbers as (
    select
        record_id,
        cast(count(*) as integer) as identity_count,
        cast(row_number() over (order by record_id) as integer) as record_number
    from records
    group by record_id
),

household_numbers as (
    select
        household_record_id,
        cast(row_number() over (order by household_record_id) as integer) as household_number
    from records
    where household_record_id is not null
    group by household_record_id
)

select
    cast(
        row_number() over (order by numbers.record_number, records.identity_id) as integer
    ) as spelling_number,
    numbers.record_number,
    numbers.identity_count,
    household_numbers.household_number,
    case when records.sex in ('female', 'male') then records.sex end as known_sex,
    coalesce(confirmed_names.is_name_confirmed, false) as is_name_confirmed,
    coalesce(confirmed_identities.is_identity_confirmed, false) as is_identity_confirmed,
    records.* exclude (household_record_id, first_received_at)  -- noqa: AM04
from records
inner join numbers on records.record_id = numbers.record_id
left join household_numbers
    on records.household_record_id = household_numbers.household_record_id
left join confirmed_names
    on
        records.last_name_token = confirmed_names.last_name_token
        and records.first_name_token = confirmed_names.first_name_token
left join confirmed_identities
    on
        records.last_name_token = confirmed_identities.last_name_token
        and records.first_name_token = confirmed_identities.first_name_token
        and records.birth_date_token = confirmed_identities.birth_date_token
