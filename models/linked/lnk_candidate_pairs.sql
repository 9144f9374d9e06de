with blocking_keys as (
    select * from {{ ref('lnk_blocking_keys') }}
)

select
    keys_l.record_id as record_id_l,
    keys_r.record_id as record_id_r,
    keys_l.blocking_rule
from blocking_keys as keys_l
inner join blocking_keys as keys_r
    on
        keys_l.blocking_rule = keys_r.blocking_rule
        and keys_l.blocking_key = keys_r.blocking_key
        and keys_l.record_id < keys_r.record_id
-- Same names and no birth date is little: it counts only where one of the two knows no more.
where keys_l.knows_no_more or keys_r.knows_no_more
group by keys_l.record_id, keys_r.record_id, keys_l.blocking_rule
