{% set operators = var('operators_without_duplicates') %}

with record_operators as (
    select
        record_number,
        operator
    from {{ ref('lnk_records') }}
    where list_contains({{ operators }}, operator)
    group by record_number, operator
),

-- Ratio of the chances of what agrees, for a match and for two persons. Decimals add up the same in
-- any order; past 2^40 or under 2^-19 nothing changes.
pairs as (
    select
        weighed_pairs.record_number_l,
        weighed_pairs.record_number_r,
        least(sides_l.operator, sides_r.operator) as operator_1,
        greatest(sides_l.operator, sides_r.operator) as operator_2,
        cast(
            pow(2, greatest(least(weighed_pairs.evidence_weight, 40), -19)) as decimal(30, 6)
        ) as ratio,
        case
            when sides_l.operator < sides_r.operator then weighed_pairs.record_number_l
            else weighed_pairs.record_number_r
        end as record_1,
        case
            when sides_l.operator < sides_r.operator then weighed_pairs.record_number_r
            else weighed_pairs.record_number_l
        end as record_2
    from {{ ref('lnk_weighed_pairs') }} as weighed_pairs
    inner join record_operators as sides_l on weighed_pairs.record_number_l = sides_l.record_number
    inner join record_operators as sides_r on weighed_pairs.record_number_r = sides_r.record_number
    where sides_l.operator != sides_r.operator
),

-- The pairs that this one excludes: those of either record with another one of the other list.
rivalled as (
    select
        *,
        cast(
            sum(ratio) over (partition by record_1, operator_2) - ratio as double
        ) as rival_ratio_1,
        cast(
            sum(ratio) over (partition by record_2, operator_1) - ratio as double
        ) as rival_ratio_2
    from pairs
)

select * from rivalled
