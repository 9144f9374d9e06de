with recursive components as (  -- noqa: PRS
    select * from {{ ref('lnk_components') }}
),

suspect_components as (
    select * from {{ ref('lnk_suspect_components') }}
),

links as (
    select
        components.component_id,
        lnk_links.*,
        -- Pinned links first, then the strongest: what is left out in the end is the weakest.
        row_number() over (
            partition by components.component_id
            order by
                lnk_links.is_pinned desc, lnk_links.match_weight desc,
                lnk_links.record_id_l asc, lnk_links.record_id_r asc
        ) as step,
    from {{ ref('lnk_links') }} as lnk_links
    inner join components on lnk_links.record_id_l = components.record_id
    inner join suspect_components on components.component_id = suspect_components.component_id
),

contradictions as (
    select * from {{ ref('lnk_contradictions') }}
),

-- One link of each suspect component a step, the strongest first: it joins the two clusters it holds
-- together, unless they contradict each other, are too large together, or have too few links for it.
steps (record_id, component_id, cluster_id, step) using key (record_id) as (
    select
        components.record_id,
        components.component_id,
        components.record_id as cluster_id,
        cast(0 as bigint) as step,
    from components
    inner join suspect_components on components.component_id = suspect_components.component_id
    union
    (
        with joins as (
            select
                links.component_id,
                links.step,
                links.is_pinned,
                sides_l.cluster_id as cluster_l,
                sides_r.cluster_id as cluster_r,
            from links
            inner join steps as sides_l
                on links.record_id_l = sides_l.record_id and links.step = sides_l.step + 1
            inner join steps as sides_r on links.record_id_r = sides_r.record_id
        ),

        members as (
            select
                steps.record_id,
                steps.component_id,
                steps.cluster_id = joins.cluster_l as is_left,
            from steps
            inner join joins on steps.component_id = joins.component_id
            where steps.cluster_id in (joins.cluster_l, joins.cluster_r)
        ),

        contradicted as (
            select members_l.component_id
            from members as members_l
            inner join contradictions on members_l.record_id = contradictions.record_id_l
            inner join members as members_r on contradictions.record_id_r = members_r.record_id
            where members_l.is_left != members_r.is_left
            group by members_l.component_id
        ),

        sizes as (
            select
                component_id,
                count(*) as record_count,
                count(*) filter (where is_left) * count(*) filter (where not is_left) as pair_count,
            from members
            group by component_id
        ),

        crossings as (
            select
                members_l.component_id,
                count(*) as link_count,
            from members as members_l
            inner join links on members_l.record_id = links.record_id_l
            inner join members as members_r on links.record_id_r = members_r.record_id
            where members_l.is_left != members_r.is_left
            group by members_l.component_id
        )

        select
            steps.record_id,
            steps.component_id,
            case
                when steps.cluster_id != joins.cluster_r then steps.cluster_id
                when joins.is_pinned then joins.cluster_l
                when contradicted.component_id is not null then steps.cluster_id
                when sizes.record_count > {{ var('max_cluster_size') }} then steps.cluster_id
                when crossings.link_count < {{ var('min_cluster_density') }} * sizes.pair_count
                    then steps.cluster_id
                else joins.cluster_l
            end as cluster_id,
            joins.step,
        from steps
        inner join joins on steps.component_id = joins.component_id
        inner join sizes on steps.component_id = sizes.component_id
        left join crossings on steps.component_id = crossings.component_id
        left join contradicted on steps.component_id = contradicted.component_id
    )
)

select
    components.record_id,
    components.component_id,
    coalesce(steps.cluster_id, components.component_id) as cluster_id,
from components
left join steps on components.record_id = steps.record_id
