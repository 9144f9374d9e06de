-- A person of n records takes at least n - 1 links between them; without a link nobody is merged.
with persons as (
    select
        person_id,
        count(*) as record_count,
        max(cluster_size) as cluster_size
    from {{ ref('lnk_person_records') }}
    group by person_id
),

links as (
    select
        person_records.person_id,
        count(*) as link_count
    from {{ ref('lnk_links') }} as lnk_links
    inner join {{ ref('lnk_person_records') }} as person_records
        on lnk_links.record_id_l = person_records.record_id
    group by person_records.person_id
)

select
    persons.person_id,
    persons.record_count,
    persons.cluster_size,
    links.link_count
from persons
left join links on persons.person_id = links.person_id
where
    coalesce(links.link_count, 0) < persons.record_count - 1
    or persons.cluster_size is distinct from persons.record_count
