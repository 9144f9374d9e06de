-- Who is back within three months is back within six.
with cohorts as (
    select
        *,
        lag(returned_count) over (
            partition by reference_month, unit, segment_type, segment order by horizon_months
        ) as returned_before
    from {{ ref('ind_returns') }}
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    horizon_months
from cohorts
where returned_count < returned_before
