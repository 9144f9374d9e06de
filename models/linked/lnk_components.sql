with recursive links as (  -- noqa: PRS
    select
        record_id_l as record_id,
        record_id_r as other_id,
    from {{ ref('lnk_links') }}
    union all
    select
        record_id_r as record_id,
        record_id_l as other_id,
    from {{ ref('lnk_links') }}
),

-- Connected components: each record takes the smallest id among its neighbours until none changes.
components (record_id, component_id) using key (record_id) as (
    select
        record_id,
        least(record_id, min(other_id)) as component_id,
    from links
    group by record_id
    union
    select
        links.other_id as record_id,
        min(components.component_id) as component_id,
    from components
    inner join links on components.record_id = links.record_id
    inner join recurring.components as known on links.other_id = known.record_id
    where components.component_id < known.component_id
    group by links.other_id
)

select
    record_id,
    component_id,
from components
union all
-- A record without a link is a component of its own.
select
    record_id,
    record_id as component_id,
from {{ ref('lnk_records') }}
where record_id not in (select links.record_id from links)
group by record_id
