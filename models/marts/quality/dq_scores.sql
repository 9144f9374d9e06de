with checks as (
    select * from {{ ref('quality_issues') }}
    where dimension is not null
),

entity_rows as (
    {% for entity in ['records', 'contacts', 'stays', 'requests'] %}
        select
            operator,
            '{{ entity }}' as entity,
            reference_month,
            count(*) as row_count
        from {{ ref('hrm_' ~ entity) }}
        group by operator, reference_month
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

findings as (
    select
        operator,
        check_code,
        reference_month,
        count(*) as row_count
    from {{ ref('dq_findings') }}
    group by operator, check_code, reference_month
),

scores as (
    select
        'completeness' as dimension,
        operator,
        entity,
        field,
        reference_month,
        filled_count as numerator,
        row_count as denominator
    from {{ ref('dq_completeness') }}
    union all
    select
        'conformity' as dimension,
        operator,
        entity,
        field,
        reference_month,
        value_count - unmapped_count as numerator,
        value_count as denominator
    from {{ ref('dq_mapping_coverage') }}
    where value_count > 0
    union all
    select
        'conformity' as dimension,
        operator,
        'deliveries' as entity,
        extract as field,
        reference_month,
        rows_in - rows_quarantined as numerator,
        rows_in as denominator
    from {{ ref('dq_deliveries') }}
    where rows_in > 0
    union all
    select
        'timeliness' as dimension,
        operator,
        'deliveries' as entity,
        extract as field,
        reference_month,
        case when days_late = 0 then 1 else 0 end as numerator,
        1 as denominator
    from {{ ref('dq_deliveries') }}
    union all
    -- Every check counts in every month that has rows to check: no finding is a full score.
    select
        checks.dimension,
        entity_rows.operator,
        checks.entity,
        checks.code as field,
        entity_rows.reference_month,
        entity_rows.row_count - coalesce(findings.row_count, 0) as numerator,
        entity_rows.row_count as denominator
    from checks
    inner join entity_rows on checks.entity = entity_rows.entity
    left join findings
        on
            checks.code = findings.check_code
            and entity_rows.operator = findings.operator
            and entity_rows.reference_month = findings.reference_month
)

select
    operator,
    dimension,
    entity,
    field,
    reference_month,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    round(numerator / denominator, 4) as quality_share,
    round(sum(numerator) over earlier / sum(denominator) over earlier, 4) as earlier_share
from scores
window earlier as (
    partition by operator, dimension, entity, field
    order by reference_month
    rows between 3 preceding and 1 preceding
)
