-- What landing set aside, by operator, month, column and reason: what operators have to correct.
{{ config(group='compiled_list') }}

select
    operator,
    extract,
    reference_month,
    code,
    column_name,
    row_count,
    first_row,
    last_row
from {{ ref('dq_quarantine') }}
order by reference_month, operator, extract, code, column_name
