with considered_pairs as (
    select * from {{ ref('lnk_considered_pairs') }}
    where not is_sure
),

neighbours as (
    select * from {{ ref('lnk_sure_neighbours') }}
),

companies as (
    select
        record_number,
        any_value(company_number) as company_number
    from neighbours
    group by record_number
),

uncertain as (
    select
        considered_pairs.record_number_l,
        considered_pairs.record_number_r,
        considered_pairs.match_weight,
        sides_l.company_number is null as is_alone_l,
        sides_r.company_number is null as is_alone_r,
        coalesce(sides_l.company_number, considered_pairs.record_number_l) as company_l,
        coalesce(sides_r.company_number, considered_pairs.record_number_r) as company_r
    from considered_pairs
    left join companies as sides_l on considered_pairs.record_number_l = sides_l.record_number
    left join companies as sides_r on considered_pairs.record_number_r = sides_r.record_number
),

shared as (
    select
        uncertain.record_number_l,
        uncertain.record_number_r,
        true as is_shared
    from uncertain
    inner join neighbours as sides_l on uncertain.record_number_l = sides_l.record_number
    inner join neighbours as sides_r
        on
            uncertain.record_number_r = sides_r.record_number
            and sides_l.neighbour_number = sides_r.neighbour_number
    group by uncertain.record_number_l, uncertain.record_number_r
)

select
    uncertain.record_number_l,
    uncertain.record_number_r,
    -- One person, or none, with all the records of a company: the most alike tells.
    case
        when uncertain.is_alone_l = uncertain.is_alone_r then uncertain.match_weight
        else max(uncertain.match_weight) over (
            partition by
                case
                    when uncertain.is_alone_l then uncertain.record_number_l
                    else uncertain.record_number_r
                end,
                case when uncertain.is_alone_l then uncertain.company_r else uncertain.company_l end
        )
    end as match_weight,
    case
        when shared.is_shared then 'shared'
        when not uncertain.is_alone_l and not uncertain.is_alone_r then 'apart'
        when uncertain.is_alone_l and uncertain.is_alone_r then 'alone'
        else 'one_sided'
    end as company_level
from uncertain
left join shared
    on
        uncertain.record_number_l = shared.record_number_l
        and uncertain.record_number_r = shared.record_number_r
