with quarantine as (
    select * from {{ ref('stg_synchro__quarantine') }}
)

select
    operator,
    extract,
    reference_month,
    code,
    coalesce(column_name, '') as column_name,
    count(*) as row_count,
    min(source_row) as first_row,
    max(source_row) as last_row
from quarantine
group by operator, extract, reference_month, code, coalesce(column_name, '')
