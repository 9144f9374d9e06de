with records as (
    select
        spelling_number,
        record_number,
        last_name_token,
        first_name_token,
        case when birth_date_precision = 'day' then birth_date_token end as birth_date_token
    from {{ ref('lnk_records') }}
),

-- What another record writes too is no slip of the pen: two such names or identities that differ
-- are two persons, as twins and namesakes are.
names as (
    select
        last_name_token,
        first_name_token
    from records
    group by last_name_token, first_name_token
    having min(record_number) != max(record_number)
),

identities as (
    select
        last_name_token,
        first_name_token,
        birth_date_token
    from records
    where birth_date_token is not null
    group by last_name_token, first_name_token, birth_date_token
    having min(record_number) != max(record_number)
)

select
    records.spelling_number,
    identities.birth_date_token is not null as is_identity_confirmed
from records
inner join names
    on
        records.last_name_token = names.last_name_token
        and records.first_name_token = names.first_name_token
left join identities
    on
        records.last_name_token = identities.last_name_token
        and records.first_name_token = identities.first_name_token
        and records.birth_date_token = identities.birth_date_token
