-- Two records that a link holds together have the same person, through however many links.
with links as (
    select * from {{ ref('lnk_scored_pairs') }}
    where is_link
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
left join person_records as persons_l on links.record_id_l = persons_l.record_id
left join person_records as persons_r on links.record_id_r = persons_r.record_id
where persons_l.person_id is distinct from persons_r.person_id or persons_l.person_id is null
