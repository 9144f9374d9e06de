with lnk_records as not materialized (
    select * from {{ ref('lnk_records') }}
),

-- A number in the place of a long id: pairs by the million are joined on it.
numbers as (
    select
        record_id,
        identity_id,
        cast(row_number() over (order by record_id, identity_id) as integer) as spelling_number,
        cast(dense_rank() over (order by record_id) as integer) as record_number,
        cast(count(*) over (partition by record_id) as integer) as identity_count,
        operator,
        household_record_id,
        last_name_token,
        first_name_token,
        birth_date_token,
        birth_date_precision
    from lnk_records
),

list_numbers as (
    select
        operator,
        cast(row_number() over (order by operator) as smallint) as list_number
    from lnk_records
    group by operator
),

household_numbers as (
    select
        household_record_id,
        cast(row_number() over (order by household_record_id) as integer) as household_number
    from lnk_records
    where household_record_id is not null
    group by household_record_id
),

-- What another record writes too is no slip of the pen: two such names or identities that differ
-- are two persons, as twins and namesakes are.
confirmed_names as (
    select
        last_name_token,
        first_name_token,
        true as is_name_confirmed
    from numbers
    group by last_name_token, first_name_token
    having min(record_number) != max(record_number)
),

confirmed_identities as (
    select
        last_name_token,
        first_name_token,
        birth_date_token,
        true as is_identity_confirmed
    from numbers
    where birth_date_precision = 'day'
    group by last_name_token, first_name_token, birth_date_token
    having min(record_number) != max(record_number)
),

-- Narrow rows first: the encodings are joined to them once.
described as (
    select
        numbers.record_id,
        numbers.identity_id,
        numbers.spelling_number,
        numbers.record_number,
        numbers.identity_count,
        list_numbers.list_number,
        household_numbers.household_number,
        coalesce(confirmed_names.is_name_confirmed, false) as is_name_confirmed,
        coalesce(confirmed_identities.is_identity_confirmed, false) as is_identity_confirmed
    from numbers
    inner join list_numbers on numbers.operator = list_numbers.operator
    left join household_numbers
        on numbers.household_record_id = household_numbers.household_record_id
    left join confirmed_names
        on
            numbers.last_name_token = confirmed_names.last_name_token
            and numbers.first_name_token = confirmed_names.first_name_token
    left join confirmed_identities
        on
            numbers.last_name_token = confirmed_identities.last_name_token
            and numbers.first_name_token = confirmed_identities.first_name_token
            and numbers.birth_date_token = confirmed_identities.birth_date_token
)

select
    described.* exclude (record_id, identity_id),  -- noqa: RF02
    case when lnk_records.sex in ('female', 'male') then lnk_records.sex end as known_sex,
    lnk_records.* exclude (household_record_id, first_received_at, sex)  -- noqa: AM04,RF02
from lnk_records
inner join described
    on
        lnk_records.record_id = described.record_id
        and lnk_records.identity_id = described.identity_id
