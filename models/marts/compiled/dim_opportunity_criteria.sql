with rules as (
    select * from {{ ref('opportunity_rules') }}
),

alternatives as (
    select
        rule,
        generate_subscripts(string_split(condition, ' or '), 1) as alternative,
        unnest(string_split(condition, ' or ')) as condition
    from rules
),

criteria as (
    select
        rule,
        alternative,
        len(string_split(condition, ' and ')) as criterion_count,
        generate_subscripts(string_split(condition, ' and '), 1) as criterion,
        unnest(string_split(condition, ' and ')) as condition
    from alternatives
)

select
    rule,
    cast(alternative as integer) as alternative,
    cast(criterion as integer) as criterion,
    cast(criterion_count as integer) as criterion_count,
    regexp_extract(trim(condition), '^(\w+) *(=|!=|>=|<=) *(.+)$', 1) as fact,
    regexp_extract(trim(condition), '^(\w+) *(=|!=|>=|<=) *(.+)$', 2) as comparison,
    regexp_extract(trim(condition), '^(\w+) *(=|!=|>=|<=) *(.+)$', 3) as compared_to
from criteria
