with requests as (
    select * from {{ ref('fct_request_months') }}
    where is_outcome
),

months as (
    select reference_month from {{ ref('dim_months') }}
    where not is_opening
),

needs as (
    select
        * exclude (need),
        unnest([need, 'total']) as need
    from requests
),

reasons as (
    select
        * exclude (refusal_reason),
        unnest([refusal_reason, 'total']) as refusal_reason
    from needs
),

counted as (
    select
        reference_month,
        need,
        refusal_reason,
        count(*) filter (where outcome = 'refused') as refused
    from reasons
    group by reference_month, need, refusal_reason
),

-- Refusals are read against all that ended in the month, whatever the reason written.
ended as (
    select
        reference_month,
        need,
        count(*) as ended
    from needs
    group by reference_month, need
),

cells as (
    select
        need,
        refusal_reason
    from counted
    group by need, refusal_reason
    having sum(refused) > 0
)

select
    months.reference_month,
    cells.need,
    cells.refusal_reason,
    cast(coalesce(counted.refused, 0) as integer) as refused,
    cast(coalesce(ended.ended, 0) as integer) as denominator,
    coalesce(counted.refused, 0) / nullif(ended.ended, 0) as refused_share
from months
cross join cells
left join counted
    on
        months.reference_month = counted.reference_month
        and cells.need = counted.need
        and cells.refusal_reason = counted.refusal_reason
left join ended
    on
        months.reference_month = ended.reference_month
        and cells.need = ended.need
