with evidence as (
    select * from {{ ref('fct_classed_evidence') }}
),

homeless as (
    select
        *,
        evidence_kind in ('contact', 'request') as is_declared,
        evidence_kind in ('stay', 'housing') as is_lived
    from evidence
    where is_homeless
),

housed as (
    select
        *,
        evidence_kind in ('contact', 'request') as is_declared,
        evidence_kind in ('stay', 'housing') as is_lived
    from evidence
    where is_housed
)

select
    homeless.person_id,
    greatest(homeless.start_date, housed.start_date) as first_common_date,
    homeless.evidence_id as homeless_evidence_id,
    homeless.operator as homeless_operator,
    housed.evidence_id as housed_evidence_id,
    housed.operator as housed_operator,
    -- A stay is more certain than what someone declares that day. An exit is not a declaration: it
    -- is how a stay ended, and a stay left open beside it is a ghost.
    case
        when homeless.is_declared and housed.is_lived then homeless.evidence_id
        when housed.is_declared and homeless.is_lived then housed.evidence_id
    end as overruled_evidence_id
from homeless
inner join housed
    on
        homeless.person_id = housed.person_id
        and homeless.start_date <= housed.end_date
        and homeless.end_date >= housed.start_date
