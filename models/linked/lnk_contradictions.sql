with components as (
    select * from {{ ref('lnk_components') }}
),

records as (
    select
        components.component_id,
        lnk_records.*
    from {{ ref('lnk_records') }} as lnk_records
    inner join components on lnk_records.record_id = components.record_id
),

-- A birth year is certain when two operators write it with day and month.
certain_years as (
    select
        component_id,
        birth_year
    from records
    where birth_date_precision = 'day'
    group by component_id, birth_year
    having count(distinct operator) > 1
),

facts as (
    select
        records.component_id,
        records.record_id,
        'birth_year' as reason,
        cast(records.birth_year as varchar) as fact
    from records
    inner join certain_years
        on
            records.component_id = certain_years.component_id
            and records.birth_year = certain_years.birth_year
    union
    select
        component_id,
        record_id,
        'agdref' as reason,
        cast(agdref_token as varchar) as fact
    from records
    where agdref_token is not null
    union
    -- Each record of an operator declared free of duplicates is a fact of its own.
    select
        component_id,
        record_id,
        'operator_without_duplicates' as reason,
        operator || record_id as fact
    from records
    where list_contains({{ var('operators_without_duplicates') }}, operator)
),

nights as (
    select
        components.component_id,
        stays.*
    from {{ ref('hrm_stays') }} as stays
    inner join components on stays.record_id = components.record_id
    where stays.structure is not null and stays.exit_date > stays.entry_date
),

contradictions as (
    select
        facts_l.component_id,
        facts_l.record_id as record_id_l,
        facts_r.record_id as record_id_r,
        facts_l.reason
    from facts as facts_l
    inner join facts as facts_r
        on
            facts_l.component_id = facts_r.component_id
            and facts_l.reason = facts_r.reason
            and facts_l.record_id < facts_r.record_id
            and facts_l.fact != facts_r.fact
            and (
                facts_l.reason != 'operator_without_duplicates'
                or replace(facts_l.fact, facts_l.record_id, '')
                = replace(facts_r.fact, facts_r.record_id, '')
            )
    union
    -- The same night in two places of one operator; a day of change counts for neither.
    select
        nights_l.component_id,
        nights_l.record_id as record_id_l,
        nights_r.record_id as record_id_r,
        'same_night' as reason
    from nights as nights_l
    inner join nights as nights_r
        on
            nights_l.component_id = nights_r.component_id
            and nights_l.operator = nights_r.operator
            and nights_l.record_id < nights_r.record_id
            and nights_l.structure != nights_r.structure
            and nights_l.entry_date + 1 < nights_r.exit_date
            and nights_r.entry_date + 1 < nights_l.exit_date
    union
    select
        components.component_id,
        overrides.record_id_l,
        overrides.record_id_r,
        'override' as reason
    from {{ ref('lnk_overrides') }} as overrides
    inner join components on overrides.record_id_l = components.record_id
    inner join components as components_r
        on
            overrides.record_id_r = components_r.record_id
            and components.component_id = components_r.component_id
    where overrides.decision = 'must_not_link'
)

select
    component_id,
    record_id_l,
    record_id_r,
    min(reason) as reason
from contradictions
group by component_id, record_id_l, record_id_r
