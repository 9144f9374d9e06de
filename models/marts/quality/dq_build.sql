{% set rules = ['rules_version', 'inactivity_days', 'episode_gap_days', 'operators'] -%}
{% set rule_seeds = ['seeds/mappings', 'seeds/reference', 'seeds/vocabularies/voc_situation'] -%}
{% set linkage_rules = ['link_threshold', 'max_cluster_size', 'min_cluster_density'] -%}
{% set linkage_seeds = ['seeds/linkage/link_', 'seeds/linkage/overrides'] -%}
with deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
)

select
    cast(1 as integer) as build_number,
    cast(count(*) as integer) as delivery_count,
    max(received_at) as known_until,
    min(reference_month) as first_month,
    max(reference_month) as last_month,
    {{ seeds_digest(rule_seeds, rules) }} as rules_digest,
    {{ seeds_digest(linkage_seeds, linkage_rules) }} as linkage_digest
from deliveries
