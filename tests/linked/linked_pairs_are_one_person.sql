-- Two records that a link holds together have the same person, through however many links, unless
-- the guards examined their component; what a person decided holds in any case.
with links as (
    select * from {{ ref('lnk_links') }}
),

clusters as (
    select
        *,
        count(case when record_id = cluster_id then 1 end)
            over (partition by component_id)
            as cluster_count
    from {{ ref('lnk_clusters') }}
),

person_records as (
    select * from {{ ref('lnk_person_records') }}
)

select
    links.record_id_l,
    links.record_id_r,
    persons_l.person_id as person_id_l,
    persons_r.person_id as person_id_r
from links
left join clusters on links.record_id_l = clusters.record_id
left join person_records as persons_l on links.record_id_l = persons_l.record_id
left join person_records as persons_r on links.record_id_r = persons_r.record_id
where
    (links.is_pinned or coalesce(clusters.cluster_count, 0) <= 1)
    and (persons_l.person_id is distinct from persons_r.person_id or persons_l.person_id is null)
