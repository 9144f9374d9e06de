-- The count of a rule and its list of persons are one thing, in every month and for every rule.
with named as (
    select
        reference_month,
        rule,
        count(*) as persons
    from {{ ref('ind_opportunity_persons') }}
    group by reference_month, rule
),

counted as (
    select * from {{ ref('ind_opportunities') }}
)

select
    counted.reference_month,
    counted.rule,
    named.reference_month as named_month,
    named.rule as named_rule
from counted
full join named
    on
        counted.reference_month = named.reference_month
        and counted.rule = named.rule
where
    counted.persons is distinct from coalesce(named.persons, 0)
    or counted.households > counted.persons
    or counted.persons > counted.denominator_persons
