with blocking_keys as (
    select * from {{ ref('lnk_blocking_keys') }}
),

blocks as (
    select
        blocking_key,
        count(*) as block_size,
        count(*) filter (where knows_no_more) as knowing_no_more_count
    from blocking_keys
    group by blocking_key
    having block_size > 1 and knowing_no_more_count > 0
),

-- A key that many records give says too little (block purging: Papadakis et al., "Comparative
-- analysis of approximate blocking techniques", VLDB 2016); a record that knows all that the rule
-- leaves out meets only those that do not.
telling_keys as (
    select blocking_keys.*
    from blocking_keys
    inner join blocks on blocking_keys.blocking_key = blocks.blocking_key
    where
        case
            when blocking_keys.knows_no_more then blocks.block_size - 1
            else blocks.knowing_no_more_count
        end <= blocking_keys.most_others
),

-- Spellings are numbered in the order of their records.
pairs as (
    select
        least(lacking.spelling_number, met.spelling_number) as spelling_number_l,
        greatest(lacking.spelling_number, met.spelling_number) as spelling_number_r
    from telling_keys as lacking
    inner join telling_keys as met on lacking.blocking_key = met.blocking_key
    where
        lacking.knows_no_more
        and lacking.record_number != met.record_number
        and (lacking.record_number < met.record_number or not met.knows_no_more)
    group by all
),

records as not materialized (
    select
        *,
        list_contains({{ var('operators_without_duplicates') }}, operator) as is_matched_once
    from {{ ref('lnk_records') }}
),

-- The longer the list, the more strangers a record meets by chance, and the more a pair has to
-- show: so much more for each doubling past 10 000 records, up to where true pairs would be lost.
bars as (
    select
        least(0.4 + 0.05 * doublings, 0.55) as same_date,
        least(0.4 + 0.12 * doublings, 0.7) as other_date,
        least(0.6 + 0.04 * doublings, 0.7) as no_date
    from (
        select log2(greatest(max(record_number) / 10000, 1)) as doublings
        from records
    ) as list_length
)

-- A cheap look before the comparison. Two names at random share some two fifths of the bits of the
-- shorter one: with little more in common, in any order, they are two persons, unless a number is
-- shared. Without a birth date on either side, names alone have to tell. Where a record has one
-- match at most, so little is enough to see that no other comes near.
select
    pairs.spelling_number_l,
    pairs.spelling_number_r,
    records_l.record_number as record_number_l,
    records_r.record_number as record_number_r
from pairs
inner join records as records_l on pairs.spelling_number_l = records_l.spelling_number
inner join records as records_r on pairs.spelling_number_r = records_r.spelling_number
cross join bars
where
    {{ shared_bits('names') }} >= least(records_l.names_bits, records_r.names_bits)
    * case
        when records_l.birth_date_token is null or records_r.birth_date_token is null
            then bars.no_date
        when records_l.birth_date_token = records_r.birth_date_token then bars.same_date
        else bars.other_date
    end
    or records_l.names_bits is null or records_r.names_bits is null
    or records_l.nur_token = records_r.nur_token
    or records_l.agdref_token = records_r.agdref_token
    or (records_l.is_matched_once and records_r.is_matched_once)
