with records as (
    select * from {{ ref('lnk_records') }}
)

select record_id
from records
group by record_id
having not bool_or(
    last_name_token is not null
    or birth_name_token is not null
    or (birth_date_token is not null and birth_date_precision != 'year')
    or nur_token is not null
    or agdref_token is not null
    or household_record_id is not null
)
