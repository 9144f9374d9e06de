with facts as (
    select * from {{ ref('fct_person_month_facts') }}
),

criteria as (
    select * from {{ ref('dim_opportunity_criteria') }}
),

listed as (
    select * from {{ ref('compiled_list') }}
),

-- A fact that is not known meets no criterion, whichever way it is compared.
met as (
    select
        facts.reference_month,
        facts.person_id,
        criteria.rule,
        criteria.alternative
    from facts
    inner join criteria on facts.fact = criteria.fact
    where
        case criteria.comparison
            when '=' then list_contains(string_split(criteria.compared_to, ' | '), facts.code)
            when '!=' then not list_contains(string_split(criteria.compared_to, ' | '), facts.code)
            when '>=' then facts.number >= try_cast(criteria.compared_to as double)
            when '<=' then facts.number <= try_cast(criteria.compared_to as double)
        end
    group by
        facts.reference_month,
        facts.person_id,
        criteria.rule,
        criteria.alternative,
        criteria.criterion_count
    having count(*) = criteria.criterion_count
),

-- One of the alternatives is enough.
concerned as (
    select
        reference_month,
        rule,
        person_id
    from met
    group by reference_month, rule, person_id
)

select
    concerned.reference_month,
    concerned.rule,
    concerned.person_id,
    listed.household_id
from concerned
inner join listed
    on
        concerned.reference_month = listed.reference_month
        and concerned.person_id = listed.person_id
