with stays as (
    select * from {{ ref('fct_stays') }}
    where exit_date is null
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

months as (
    select
        *,
        max(month_end) over () as last_day
    from {{ ref('dim_months') }}
    where not is_opening
)

select
    stays.operator,
    months.reference_month,
    stays.closing_reason,
    cast(count(*) as integer) as stay_count,
    cast(count(distinct stays.person_id) as integer) as person_count,
    cast(sum(months.last_day - stays.covered_until) as integer) as days_avoided
from stays
inner join voc_situation on stays.situation = voc_situation.code
inner join months on stays.covered_until between months.reference_month and months.month_end
where
    voc_situation.is_homeless
    -- A stay that runs to the end of the list is open, and nothing tells that it should not be.
    and stays.covered_until < months.last_day
group by stays.operator, months.reference_month, stays.closing_reason
