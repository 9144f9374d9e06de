with issues as (
    select * from {{ ref('dq_issues') }}
),

issue_kinds as (
    select * from {{ ref('quality_issues') }}
),

last_deliveries as (
    select
        operator,
        max(reference_month) as last_delivered_month
    from {{ ref('dq_deliveries') }}
    where status = 'accepted'
    group by operator
),

spans as (
    select
        operator,
        issue_code,
        entity,
        field,
        detail,
        min(reference_month) as first_month,
        max(reference_month) as last_month,
        cast(count(*) as integer) as month_count,
        arg_max(row_count, reference_month) as last_row_count,
        cast(sum(row_count) as bigint) as row_count
    from issues
    group by operator, issue_code, entity, field, detail
)

select
    spans.operator,
    spans.issue_code,
    spans.entity,
    spans.field,
    spans.detail,
    issue_kinds.target,
    issue_kinds.label_fr,
    issue_kinds.advice_fr,
    spans.first_month,
    spans.last_month,
    spans.month_count,
    spans.last_row_count,
    spans.row_count,
    -- What the operator's last month no longer shows is mended, until it comes back.
    case
        when spans.last_month < last_deliveries.last_delivered_month then 'resolved'
        when spans.first_month = last_deliveries.last_delivered_month then 'new'
        else 'open'
    end as status
from spans
inner join last_deliveries on spans.operator = last_deliveries.operator
left join issue_kinds on spans.issue_code = issue_kinds.code
