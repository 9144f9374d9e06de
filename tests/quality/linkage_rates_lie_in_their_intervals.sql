-- 0 <= low <= rate <= high <= 1, and a rate without its interval, or the reverse, is not shown.
with rates as (
    {% for kind in ['match', 'miss'] %}
        select
            segment_type,
            segment,
            'false_{{ kind }}' as figure,
            false_{{ kind }}_low as low_bound,
            false_{{ kind }}_rate as rate,
            false_{{ kind }}_high as high_bound
        from {{ ref('dq_linkage') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from rates
where
    low_bound < 0
    or rate < low_bound
    or high_bound < rate
    or high_bound > 1
    or (rate is null) != (low_bound is null)
    or (rate is null) != (high_bound is null)
