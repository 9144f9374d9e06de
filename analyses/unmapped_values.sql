-- Words that operators wrote and no mapping row translates, the most frequent first.
-- `mapping_row` is the line to complete and add to seeds/mappings/map_<field>.csv.
{{ config(group='compiled_list') }}

select
    'map_' || case when field = 'status' then 'request_status' else field end as mapping_seed,
    operator,
    entity,
    source_value,
    sum(row_count) as value_count,
    min(reference_month) as first_month,
    max(reference_month) as last_month,
    operator || ',"' || replace(source_value, '"', '""') || '",<code>,' as mapping_row
from {{ ref('dq_unmapped_words') }}
group by all
order by value_count desc, mapping_seed asc, operator asc, entity asc, source_value asc
