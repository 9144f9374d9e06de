with deliveries as (
    select * from {{ ref('dq_deliveries') }}
    where status = 'accepted'
),

completeness as (
    select * from {{ ref('dq_scores') }}
    where dimension = 'completeness'
),

unmapped_words as (
    select
        operator,
        entity,
        field,
        source_value,
        min(reference_month) as first_month
    from {{ ref('dq_unmapped_words') }}
    group by operator, entity, field, source_value
),

first_months as (
    select
        operator,
        min(reference_month) as first_month
    from deliveries
    group by operator
),

volumes as (
    select
        operator,
        extract as entity,
        'rows' as field,
        reference_month,
        cast(rows_in as double) as measure,
        median(rows_in) over (
            partition by operator, extract
            order by reference_month
            rows between 6 preceding and 1 preceding
        ) as usual_measure
    from deliveries
),

unknown_columns as (
    select
        operator,
        extract as entity,
        'columns' as field,
        reference_month,
        cast(columns_unknown as double) as measure,
        cast(lag(columns_unknown) over (
            partition by operator, extract
            order by reference_month
        ) as double) as usual_measure
    from deliveries
),

new_words as (
    select
        unmapped_words.operator,
        unmapped_words.entity,
        unmapped_words.field,
        unmapped_words.first_month as reference_month,
        cast(count(*) as double) as measure,
        cast(0 as double) as usual_measure
    from unmapped_words
    inner join first_months on unmapped_words.operator = first_months.operator
    where unmapped_words.first_month > first_months.first_month
    group by
        unmapped_words.operator, unmapped_words.entity, unmapped_words.field,
        unmapped_words.first_month
)

select
    'volume' as drift_kind,
    operator,
    entity,
    field,
    reference_month,
    measure,
    usual_measure
from volumes
where measure not between 0.5 * usual_measure and 2 * usual_measure
union all
select
    'unknown_column' as drift_kind,
    operator,
    entity,
    field,
    reference_month,
    measure,
    usual_measure
from unknown_columns
where measure != usual_measure
union all
select
    'new_word' as drift_kind,
    operator,
    entity,
    field,
    reference_month,
    measure,
    usual_measure
from new_words
union all
select
    'filled_share' as drift_kind,
    operator,
    entity,
    field,
    reference_month,
    quality_share as measure,
    earlier_share as usual_measure
from completeness
-- On a handful of rows a share jumps by itself.
where denominator >= 20 and abs(quality_share - earlier_share) >= 0.2
