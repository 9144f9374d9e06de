with conflicts as (
    select * from {{ ref('fct_evidence_conflicts') }}
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
)

select
    months.reference_month,
    conflicts.homeless_operator,
    conflicts.housed_operator,
    cast(count(*) as integer) as conflict_count,
    cast(count(conflicts.overruled_evidence_id) as integer) as overruled_count,
    cast(count(distinct conflicts.person_id) as integer) as person_count
from conflicts
inner join months
    on conflicts.first_common_date between months.reference_month and months.month_end
group by months.reference_month, conflicts.homeless_operator, conflicts.housed_operator
