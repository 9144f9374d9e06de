with issues as (
    select
        operator,
        'unmapped_word' as issue_code,
        entity,
        field,
        source_value as detail,
        reference_month,
        row_count
    from {{ ref('dq_unmapped_words') }}
    union all
    select
        operator,
        'unknown_column' as issue_code,
        'deliveries' as entity,
        extract as field,
        cast(columns_unknown as varchar) as detail,
        reference_month,
        rows_in as row_count
    from {{ ref('dq_deliveries') }}
    where columns_unknown > 0
    union all
    select
        operator,
        'set_aside' as issue_code,
        'deliveries' as entity,
        column_name as field,
        code as detail,
        reference_month,
        sum(row_count) as row_count
    from {{ ref('dq_quarantine') }}
    group by operator, column_name, code, reference_month
    union all
    select
        operator,
        'rarely_filled' as issue_code,
        entity,
        field,
        '' as detail,
        reference_month,
        row_count - filled_count as row_count
    from {{ ref('dq_completeness') }}
    where filled_share < {{ var('rarely_filled_share') }}
    union all
    -- An issue with no field or detail has an empty one, so that the grain has no null.
    select
        operator,
        check_code as issue_code,
        entity,
        '' as field,
        '' as detail,
        reference_month,
        count(*) as row_count
    from {{ ref('dq_findings') }}
    group by operator, check_code, entity, reference_month
)

select
    operator,
    issue_code,
    entity,
    field,
    detail,
    reference_month,
    cast(row_count as bigint) as row_count
from issues
