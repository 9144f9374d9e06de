-- Each band starts where the one below ends, only the last is open, one starts at the threshold:
-- a pair has one band at most, and no band mixes links and non-links by weight.
with bands as (
    select
        *,
        lag(upper_offset) over (order by lower_offset) as end_below,
        count(*) over (order by lower_offset) as place
    from {{ ref('clerical_bands') }}
)

select
    band,
    lower_offset,
    upper_offset
from bands
where
    (place > 1 and lower_offset is distinct from end_below)
    or upper_offset <= lower_offset
union all
select
    'threshold' as band,
    0 as lower_offset,
    0 as upper_offset
from bands
having
    count(*) filter (where lower_offset = 0) = 0
    or count(*) filter (where upper_offset is null) != 1
