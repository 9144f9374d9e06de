-- What is refused by need and month is what is refused for all its reasons.
with refusals as (
    select
        reference_month,
        need,
        sum(refused) filter (where refusal_reason = 'total') as refused,
        sum(refused) filter (where refusal_reason != 'total') as refused_by_reason
    from {{ ref('ind_refusals') }}
    group by reference_month, need
),

needs as (
    select * from {{ ref('ind_needs_responses') }}
)

select
    needs.reference_month,
    needs.need,
    needs.refused,
    refusals.refused as refused_in_all,
    refusals.refused_by_reason
from needs
left join refusals
    on
        needs.reference_month = refusals.reference_month
        and needs.need = refusals.need
where
    needs.refused is distinct from coalesce(refusals.refused, 0)
    or needs.refused is distinct from coalesce(refusals.refused_by_reason, 0)
