{% set rule_files = [
    'models/staging', 'models/harmonised', 'models/marts/compiled', 'models/marts/indicators',
    'seeds/mappings', 'seeds/reference', 'seeds/vocabularies/voc_situation',
] -%}
{% set linkage_files = [
    'models/linked', 'seeds/linkage/link_', 'seeds/linkage/overrides',
] -%}
with deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
)

select
    cast(1 as integer) as build_number,
    cast(count(*) as integer) as delivery_count,
    max(received_at) as known_until,
    min(reference_month) as first_month,
    max(reference_month) as last_month,
    {{ files_digest(rule_files, ['inactivity_days', 'episode_gap_days', 'operators']) }}
        as rules_digest,
    {{ files_digest(linkage_files, ['link_threshold', 'max_cluster_size', 'min_cluster_density']) }}
        as linkage_digest
from deliveries
