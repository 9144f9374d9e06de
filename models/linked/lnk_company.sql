with list_prior as (
    select * from {{ ref('lnk_prior') }}
),

thresholds as (
    select
        -- Under the lowest band nobody looks at a pair.
        min(clerical_bands.lower_offset)
        + log2({{ var('link_threshold') }} / (1 - {{ var('link_threshold') }})) as lowest_weight,
        log2({{ var('sure_threshold') }} / (1 - {{ var('sure_threshold') }})) as sure_weight
    from {{ ref('clerical_bands') }} as clerical_bands
),

pairs as (
    select
        weighed_pairs.record_number_l,
        weighed_pairs.record_number_r,
        weighed_pairs.evidence_weight + list_prior.match_weight as match_weight,
        weighed_pairs.evidence_weight + list_prior.match_weight >= thresholds.sure_weight as is_sure
    from {{ ref('lnk_weighed_pairs') }} as weighed_pairs
    inner join list_prior on weighed_pairs.list_pair = list_prior.list_pair
    inner join thresholds
        on weighed_pairs.evidence_weight + list_prior.match_weight >= thresholds.lowest_weight
),

neighbours as (
    select
        record_number_l as record_number,
        record_number_r as neighbour_number
    from pairs
    where is_sure
    union all
    select
        record_number_r as record_number,
        record_number_l as neighbour_number
    from pairs
    where is_sure
),

accompanied as (
    select
        record_number,
        least(record_number, min(neighbour_number)) as company_number,
        true as is_accompanied
    from neighbours
    group by record_number
),

uncertain as (
    select
        record_number_l,
        record_number_r,
        match_weight
    from pairs
    where not is_sure
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
),

judged as (
select
    uncertain.record_number_l,
    uncertain.record_number_r,
    uncertain.match_weight,
    coalesce(sides_l.company_number, uncertain.record_number_l) as company_l,
    coalesce(sides_r.company_number, uncertain.record_number_r) as company_r,
    coalesce(sides_l.is_accompanied, false) as is_l, coalesce(sides_r.is_accompanied, false) as is_r,
    case
        when shared.is_shared then 'shared'
        when sides_l.is_accompanied and sides_r.is_accompanied then 'apart'
        when sides_l.is_accompanied or sides_r.is_accompanied then 'one_sided'
        else 'alone'
    end as company_level
from uncertain
left join shared
    on
        uncertain.record_number_l = shared.record_number_l
        and uncertain.record_number_r = shared.record_number_r
left join accompanied as sides_l on uncertain.record_number_l = sides_l.record_number
left join accompanied as sides_r on uncertain.record_number_r = sides_r.record_number
),

choices as (
    select record_number, company_number, max(match_weight) as match_weight
    from (
        select record_number_l as record_number, company_r as company_number, match_weight from judged where not is_l
        union all
        select record_number_r, company_l, match_weight from judged where not is_r
    )
    group by record_number, company_number
),

best as (
    select record_number, arg_max(company_number, match_weight) as company_number
    from choices
    group by record_number
    having count(*) = 1
)

select
    judged.record_number_l, judged.record_number_r, case when company_level='one_sided' then coalesce(cl.match_weight, cr.match_weight) else judged.match_weight end as match_weight,
    company_level || case when company_level in ('alone', 'one_sided') and (judged.is_l or bl.company_number = judged.company_r) and (judged.is_r or br.company_number = judged.company_l) then '_best' else '' end as company_level
from judged
left join best as bl on bl.record_number = judged.record_number_l
left join best as br on br.record_number = judged.record_number_r
left join choices as cl on not judged.is_l and cl.record_number = judged.record_number_l and cl.company_number = judged.company_r
left join choices as cr on not judged.is_r and cr.record_number = judged.record_number_r and cr.company_number = judged.company_l
