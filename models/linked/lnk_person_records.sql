with clusters as (
    select * from {{ ref('lnk_clusters') }}
),

records as (
    select
        record_id,
        min(first_received_at) as first_received_at
    from {{ ref('lnk_records') }}
    group by record_id
)

select
    clusters.record_id,
    first_value(clusters.record_id) over (
        partition by clusters.component_id, clusters.cluster_id
        order by records.first_received_at, clusters.record_id
    ) as person_id,
    cast(
        count(*) over (partition by clusters.component_id, clusters.cluster_id) as integer
    ) as cluster_size
from clusters
inner join records on clusters.record_id = records.record_id
