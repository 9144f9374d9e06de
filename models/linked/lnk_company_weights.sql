with recursive patterns as materialized (  -- noqa: PRS
    select
        company_level,
        round(match_weight, 1) as match_weight,
        count(*) as pair_count,
        sum(count(*)) over (partition by company_level) / sum(count(*)) over () as level_share
    from {{ ref('lnk_company') }}
    group by company_level, round(match_weight, 1)
),

-- Expectation maximisation: the expected matches and non-matches of each level say what it weighs,
-- which changes what is expected; repeated until it settles. Ten pairs more of each, spread as
-- all pairs are, keep a short list from telling what it does not know. Decimals add up the same in
-- any order.
rounds (step, company_level, match_weight) as (
    select
        0 as step,
        company_level,
        cast(0 as double) as match_weight
    from patterns
    group by company_level
    union all
    select
        found.step + 1 as step,
        found.company_level,
        round(
            log2(
                (found.matches + 10 * found.level_share)
                / (sum(found.matches) over () + 10)
                / (found.misses + 10 * found.level_share)
                * (sum(found.misses) over () + 10)
            ), 6
        ) as match_weight
    from (
        select
            rounds.step,
            rounds.company_level,
            any_value(patterns.level_share) as level_share,
            cast(sum(cast(
                patterns.pair_count
                / (1 + pow(2, -patterns.match_weight - rounds.match_weight)) as decimal(24, 6)
            )) as double) as matches,
            cast(sum(cast(
                patterns.pair_count
                / (1 + pow(2, patterns.match_weight + rounds.match_weight)) as decimal(24, 6)
            )) as double) as misses
        from rounds
        inner join patterns on rounds.company_level = patterns.company_level
        where rounds.step < 20
        group by rounds.step, rounds.company_level
    ) as found
)

select
    company_level,
    match_weight
from rounds
where step = 20
