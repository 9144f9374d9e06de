with records as (
    select * from {{ ref('lnk_records') }}
)

select
    -- A number in the place of a long id: pairs by the million are joined on it.
    cast(dense_rank() over (order by record_id) as integer) as record_number,
    cast(count(*) over (partition by record_id) as integer) as identity_count,
    case when sex in ('female', 'male') then sex end as known_sex,
    -- Another record writes the same names and birth date: it is no slip of the pen. Two such
    -- identities that differ are two persons, as twins and namesakes are.
    coalesce(
        birth_date_precision = 'day'
        and min(record_id) over identity_spellings != max(record_id) over identity_spellings,
        false
    ) as is_confirmed,
    *
from records
window identity_spellings as (
    partition by last_name_token, first_name_token, birth_date_token
)
