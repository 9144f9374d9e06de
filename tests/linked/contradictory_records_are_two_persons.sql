-- Whatever the links between them, unless a person pinned links that hold the two together.
with contradictions as (
    select * from {{ ref('lnk_contradictions') }}
),

person_records as (
    select * from {{ ref('lnk_person_records') }}
),

pinned_components as (
    select clusters.component_id
    from {{ ref('lnk_links') }} as lnk_links
    inner join {{ ref('lnk_clusters') }} as clusters on lnk_links.record_id_l = clusters.record_id
    where lnk_links.is_pinned
    group by clusters.component_id
)

select
    contradictions.record_id_l,
    contradictions.record_id_r,
    contradictions.reason
from contradictions
inner join person_records as persons_l on contradictions.record_id_l = persons_l.record_id
inner join person_records as persons_r on contradictions.record_id_r = persons_r.record_id
left join pinned_components on contradictions.component_id = pinned_components.component_id
where persons_l.person_id = persons_r.person_id and pinned_components.component_id is null
