{% set operators = var('operators_without_duplicates') %}

with recursive rivalled as materialized (  -- noqa: PRS
    select * from {{ ref('lnk_rival_pairs') }}
),

list_sizes as (
    select
        operator,
        count(distinct record_number) as record_count
    from {{ ref('lnk_records') }}
    where list_contains({{ operators }}, operator)
    group by operator
),

lists as materialized (
    select
        sizes_1.operator as operator_1,
        sizes_2.operator as operator_2,
        sizes_1.record_count as size_1,
        sizes_2.record_count as size_2
    from list_sizes as sizes_1
    inner join list_sizes as sizes_2 on sizes_1.operator < sizes_2.operator
),

-- With M matches between lists of a and b records, each in one pair at most, the prior odds of a
-- pair against both of its records staying alone are M / ((a - M) (b - M)). M is what they expect
-- to find, repeated until it settles; one pseudo-record stays alone on either side.
rounds (step, operator_1, operator_2, odds) as (
    select
        0 as step,
        lists.operator_1,
        lists.operator_2,
        pow(2, list_prior.match_weight) as odds
    from lists
    inner join {{ ref('lnk_prior') }} as list_prior
        on
            lists.operator_1 = list_prior.operator_1
            and lists.operator_2 = list_prior.operator_2
    union all
    select
        found.step + 1,
        lists.operator_1,
        lists.operator_2,
        found.matches
        / ((lists.size_1 + 1 - found.matches) * (lists.size_2 + 1 - found.matches)) as odds
    from (
        select
            rounds.step,
            rounds.operator_1,
            rounds.operator_2,
            cast(sum(cast(
                rounds.odds * rivalled.ratio
                / (
                    1 + rounds.odds
                    * (rivalled.ratio + rivalled.rival_ratio_1 + rivalled.rival_ratio_2)
                ) as decimal(24, 6)
            )) as double) as matches
        from rounds
        inner join rivalled
            on
                rounds.operator_1 = rivalled.operator_1
                and rounds.operator_2 = rivalled.operator_2
        where rounds.step < 8
        group by rounds.step, rounds.operator_1, rounds.operator_2
    ) as found
    inner join lists
        on found.operator_1 = lists.operator_1 and found.operator_2 = lists.operator_2
),

settled as (
    select
        operator_1,
        operator_2,
        arg_max(odds, step) as odds
    from rounds
    group by operator_1, operator_2
),

-- A rival counts as far as it has no better match of its own: one round of message passing, on what
-- each of the two records of a pair leaves to the other.
discounted as (
    select
        rivalled.*,
        settled.odds,
        cast(
            rivalled.ratio / (1 + settled.odds * rivalled.rival_ratio_1) as decimal(30, 6)
        ) as ratio_left_by_1,
        cast(
            rivalled.ratio / (1 + settled.odds * rivalled.rival_ratio_2) as decimal(30, 6)
        ) as ratio_left_by_2
    from rivalled
    inner join settled
        on
            rivalled.operator_1 = settled.operator_1
            and rivalled.operator_2 = settled.operator_2
),

rivals as (
    select
        *,
        cast(
            sum(ratio_left_by_2) over (partition by record_1, operator_2) - ratio_left_by_2
            as double
        ) as left_to_1,
        cast(
            sum(ratio_left_by_1) over (partition by record_2, operator_1) - ratio_left_by_1
            as double
        ) as left_to_2
    from discounted
)

select
    record_number_l,
    record_number_r,
    round(
        log2(odds * ratio / ((1 + odds * left_to_1) * (1 + odds * left_to_2))), 6
    ) as match_weight
from rivals
