with recursive records as (  -- noqa: PRS
    select
        record_id,
        min(first_received_at) as first_received_at,
    from {{ ref('lnk_records') }}
    group by record_id
),

links as (
    select
        record_id_l as record_id,
        record_id_r as other_id,
    from {{ ref('lnk_scored_pairs') }}
    where is_link
    union all
    select
        record_id_r as record_id,
        record_id_l as other_id,
    from {{ ref('lnk_scored_pairs') }}
    where is_link
),

-- Connected components: each record takes the smallest id among its neighbours until none changes.
components (record_id, component_id) using key (record_id) as (
    select
        record_id,
        record_id as component_id,
    from records
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
    components.record_id,
    first_value(components.record_id) over (
        partition by components.component_id
        order by records.first_received_at, components.record_id
    ) as person_id,
    cast(count(*) over (partition by components.component_id) as integer) as cluster_size,
from components
inner join records on components.record_id = records.record_id
