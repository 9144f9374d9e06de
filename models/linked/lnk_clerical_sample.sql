with pair_strata as (
    select * from {{ ref('lnk_pair_strata') }}
),

-- The latest label of a pair stands, whichever way round it is written.
labels as (
    select
        least(record_id_l, record_id_r) as record_id_l,
        greatest(record_id_l, record_id_r) as record_id_r,
        is_match
    from {{ ref('clerical_labels') }}
    where labelled_on <= cast('{{ var("as_of") }}' as date)
    qualify row_number() over (
        partition by least(record_id_l, record_id_r), greatest(record_id_l, record_id_r)
        order by labelled_on desc, is_match desc
    ) = 1
),

-- md5 and not hash(): the same pairs are drawn by every version of the database. A new month adds
-- few pairs of a lower digest, so that most of what was labelled stays in the sample.
ranked as (
    select
        record_id_l,
        record_id_r,
        band,
        is_linked,
        row_number() over (
            partition by band, is_linked
            order by
                md5('{{ var("clerical_seed") }}|' || record_id_l || '|' || record_id_r) asc,
                record_id_l asc,
                record_id_r asc
        ) as sample_rank
    from pair_strata
)

select
    ranked.record_id_l,
    ranked.record_id_r,
    ranked.band,
    ranked.is_linked,
    ranked.sample_rank,
    labels.is_match
from ranked
left join labels
    on
        ranked.record_id_l = labels.record_id_l
        and ranked.record_id_r = labels.record_id_r
where ranked.sample_rank <= {{ var('clerical_sample_size') }}
