with stays as (
    select * from {{ ref('fct_stays') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

-- ETHOS 3 is accommodation for the homeless; once for any of it, once for the kind itself.
shelter_stays as (
    select
        stays.person_id,
        stays.entry_date,
        stays.covered_until,
        unnest(['any', stays.situation]) as shelter
    from stays
    inner join voc_situation on stays.situation = voc_situation.code
    where voc_situation.ethos = '3' and voc_situation.is_homeless
),

with_previous as (
    select
        *,
        max(covered_until) over (
            partition by person_id, shelter
            order by entry_date, covered_until
            rows between unbounded preceding and 1 preceding
        ) as covered_before
    from shelter_stays
),

-- A week between two places is a move.
numbered as (
    select
        *,
        count(*) filter (
            where covered_before is null or entry_date > covered_before + 7
        ) over (
            partition by person_id, shelter
            order by entry_date, covered_until
            rows between unbounded preceding and current row
        ) as spell_number
    from with_previous
)

select
    person_id,
    shelter,
    cast(spell_number as integer) as spell_number,
    min(entry_date) as since_date,
    max(covered_until) as covered_until
from numbered
group by person_id, shelter, spell_number
