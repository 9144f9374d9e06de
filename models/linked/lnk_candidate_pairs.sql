with blocking_keys as (
    select * from {{ ref('lnk_blocking_keys') }}
),

-- A key that very many records give says little and would cost their square: the pairs that matter
-- meet under a tighter rule. This is what keeps the pairs in proportion to the records.
telling_keys as (
    select *
    from blocking_keys
    qualify count(*) over (partition by blocking_rule, blocking_key) <= {{ var('max_block_size') }}
)

select
    keys_l.record_id as record_id_l,
    keys_r.record_id as record_id_r
from telling_keys as keys_l
inner join telling_keys as keys_r
    on
        keys_l.blocking_rule = keys_r.blocking_rule
        and keys_l.blocking_key = keys_r.blocking_key
        and keys_l.record_id < keys_r.record_id
where keys_l.knows_no_more or keys_r.knows_no_more
group by keys_l.record_id, keys_r.record_id
