with concerned as (
    select * from {{ ref('ind_opportunity_persons') }}
),

rules as (
    select * from {{ ref('opportunity_rules') }}
),

listed as (
    select
        reference_month,
        count(*) as persons,
        count(distinct household_id) as households
    from {{ ref('compiled_list') }}
    group by reference_month
),

counted as (
    select
        reference_month,
        rule,
        count(*) as persons,
        count(distinct household_id) as households
    from concerned
    group by reference_month, rule
),

months as (
    select reference_month from {{ ref('dim_months') }}
    where not is_opening
)

select
    months.reference_month,
    rules.rule,
    rules.position,
    rules.title_fr,
    rules.concerns_fr,
    rules.action_fr,
    cast(coalesce(counted.persons, 0) as integer) as persons,
    cast(coalesce(counted.households, 0) as integer) as households,
    cast(coalesce(listed.persons, 0) as integer) as denominator_persons,
    cast(coalesce(listed.households, 0) as integer) as denominator_households,
    coalesce(counted.persons, 0) / nullif(listed.persons, 0) as share_persons,
    coalesce(counted.households, 0) / nullif(listed.households, 0) as share_households
from months
cross join rules
left join listed on months.reference_month = listed.reference_month
left join counted
    on
        months.reference_month = counted.reference_month
        and rules.rule = counted.rule
