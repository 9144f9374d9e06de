-- The draw takes the pairs of a stratum from the first rank on, without a gap, up to its size or
-- the sample's; each with the band and outcome that it has among all pairs.
with sampled as (
    select * from {{ ref('lnk_clerical_sample') }}
),

pair_strata as (
    select * from {{ ref('lnk_pair_strata') }}
),

stratum_sizes as (
    select
        band,
        is_linked,
        count(*) as pair_count
    from pair_strata
    group by band, is_linked
),

drawn as (
    select
        sampled.band,
        sampled.is_linked,
        count(pair_strata.record_id_l) as drawn_count,
        max(sampled.sample_rank) as last_rank
    from sampled
    left join pair_strata
        on
            sampled.record_id_l = pair_strata.record_id_l
            and sampled.record_id_r = pair_strata.record_id_r
            and sampled.band = pair_strata.band
            and sampled.is_linked = pair_strata.is_linked
    group by sampled.band, sampled.is_linked
)

select
    stratum_sizes.band,
    stratum_sizes.is_linked,
    stratum_sizes.pair_count,
    drawn.drawn_count,
    drawn.last_rank
from stratum_sizes
full join drawn
    on
        stratum_sizes.band = drawn.band
        and stratum_sizes.is_linked = drawn.is_linked
where
    drawn.drawn_count is distinct from
    least(stratum_sizes.pair_count, {{ var('clerical_sample_size') }})
    or drawn.last_rank is distinct from drawn.drawn_count
