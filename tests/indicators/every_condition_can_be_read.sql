-- Codes are compared as codes and numbers as numbers; a condition that cannot be read would concern nobody.
with criteria as (
    select * from {{ ref('dim_opportunity_criteria') }}
),

facts as (
    select * from {{ ref('voc_fact') }}
)

select criteria.*
from criteria
left join facts on criteria.fact = facts.code
where
    facts.code is null
    or (facts.kind = 'code' and criteria.operator not in ('=', '!='))
    or (facts.kind = 'number' and criteria.operator not in ('>=', '<='))
    or (facts.kind = 'number' and try_cast(criteria.value as double) is null)
