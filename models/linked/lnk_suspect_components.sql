with components as (
    select
        record_id,
        component_id,
        count(*) over (partition by component_id) as record_count
    from {{ ref('lnk_components') }}
),

contradictions as (
    select * from {{ ref('lnk_contradictions') }}
),

links as (
    select
        components.component_id,
        components.record_count,
        count(*) as link_count
    from {{ ref('lnk_links') }} as lnk_links
    inner join components on lnk_links.record_id_l = components.record_id
    group by components.component_id, components.record_count
)

select
    links.component_id,
    links.record_count,
    links.link_count
from links
where
    links.component_id in (select contradictions.component_id from contradictions)
    or links.record_count > {{ var('max_cluster_size') }}
    or links.link_count
    < {{ var('min_cluster_density') }} * links.record_count * (links.record_count - 1) / 2
