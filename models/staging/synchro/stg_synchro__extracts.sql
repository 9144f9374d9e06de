with extracts as (
    {{ contracted_extracts() }}
)

select
    operator,
    extract,
    label_fr,
    scope,
    cast(due_day as integer) as due_day
from extracts
