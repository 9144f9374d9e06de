-- A record lost between the vault and the comparisons would be a person of its own without a word.
with records as (
    select
        operator,
        count(*) as row_count
    from {{ ref('lnk_records') }}
    group by operator
),

compared_records as (
    select
        operator,
        count(*) as row_count
    from {{ ref('lnk_compared_records') }}
    group by operator
)

select
    records.operator,
    records.row_count,
    compared_records.row_count as compared_count
from records
left join compared_records on records.operator = compared_records.operator
where records.row_count is distinct from compared_records.row_count
