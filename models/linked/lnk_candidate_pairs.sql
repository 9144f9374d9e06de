with blocking_keys as (
    select * from {{ ref('lnk_blocking_keys') }}
),

blocks as (
    select
        *,
        count(*) over (partition by blocking_key) as block_size
    from blocking_keys
),

-- A key says the less the more records give it. Each record is compared under its rarest keys, as
-- long as they bring it no more than `max_candidates` others: pairs stay in proportion to records,
-- and a block too large for one record may still serve another (block filtering: Papadakis et al.,
-- "Scaling entity resolution to large, heterogeneous data with enhanced meta-blocking", EDBT 2016).
telling_keys as (
    select *
    from blocks
    where block_size > 1
    qualify
        sum(block_size - 1) over (
            partition by record_number
            order by block_size, blocking_key
            rows between unbounded preceding and current row
        ) <= {{ var('max_candidates') }}
)

select
    keys_l.record_number as record_number_l,
    keys_r.record_number as record_number_r
from telling_keys as keys_l
inner join telling_keys as keys_r
    on
        keys_l.blocking_key = keys_r.blocking_key
        and keys_l.record_number < keys_r.record_number
where keys_l.knows_no_more or keys_r.knows_no_more
group by keys_l.record_number, keys_r.record_number
