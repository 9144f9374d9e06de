with records as (
    select * from {{ ref('hrm_records') }}
),

links as (
    select * from {{ ref('lnk_links') }}
),

-- Only what the operator's own two records show of each other: a link through another operator's
-- record, or decided by a person, would tell one what another knows.
own_links as (
    select
        records_l.operator,
        records_l.reference_month,
        unnest([links.record_id_l, links.record_id_r]) as record_id
    from links
    inner join records as records_l on links.record_id_l = records_l.record_id
    inner join records as records_r
        on
            links.record_id_r = records_r.record_id
            and records_l.operator = records_r.operator
            and records_l.reference_month = records_r.reference_month
    where
        not links.is_pinned
        and not list_contains({{ var('operators_with_many_records') }}, records_l.operator)
)

select
    operator,
    'records' as entity,
    'duplicate_record' as check_code,
    reference_month,
    record_id,
    record_id as row_id,
    cast(null as date) as event_date
from own_links
group by operator, reference_month, record_id
