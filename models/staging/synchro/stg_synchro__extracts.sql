with extracts as (
    {{ contracted_extracts() }}
),

-- Whom the standard contract serves, and which sheets they fill, is what they have sent so far.
sent_sheets as (
    select
        operator,
        contract,
        extract
    from {{ ref('stg_synchro__deliveries') }}
    where contract = 'standard'
    group by operator, contract, extract
)

select
    operator,
    operator as contract,
    extract,
    label_fr,
    scope,
    cast(due_day as integer) as due_day
from extracts
where operator <> 'standard'
union all
select
    sent_sheets.operator,
    sent_sheets.contract,
    extracts.extract,
    extracts.label_fr,
    extracts.scope,
    cast(extracts.due_day as integer) as due_day
from extracts
inner join sent_sheets
    on
        extracts.operator = sent_sheets.contract
        and extracts.extract = sent_sheets.extract
