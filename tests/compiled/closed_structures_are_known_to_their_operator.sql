{{ config(severity='warn') }}

-- A closing under a code that no extract writes ends no stay: the code is probably misspelt.
with structures as (
    select * from {{ ref('structures') }}
),

listed as (
    select
        operator,
        structure
    from {{ ref('hrm_stays') }}
    group by operator, structure
)

select
    structures.operator,
    structures.structure,
    structures.closed_on
from structures
left join listed
    on structures.operator = listed.operator and structures.structure = listed.structure
where listed.structure is null
