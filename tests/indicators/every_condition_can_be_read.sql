-- Codes are compared as codes and numbers as numbers; what cannot be read would concern nobody.
with criteria as (
    select * from {{ ref('dim_opportunity_criteria') }}
),

facts as (
    select * from {{ ref('voc_fact') }}
)

select
    criteria.rule,
    criteria.alternative,
    criteria.criterion,
    criteria.fact,
    criteria.comparison
from criteria
left join facts on criteria.fact = facts.code
where
    facts.code is null
    or (facts.kind = 'code' and criteria.comparison not in ('=', '!='))
    or (facts.kind = 'number' and criteria.comparison not in ('>=', '<='))
    or (facts.kind = 'number' and try_cast(criteria.compared_to as double) is null)
