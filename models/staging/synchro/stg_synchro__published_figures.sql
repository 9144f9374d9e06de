with published_figures as (
    select * from {{ source('raw', 'published_figures') }}
)

select
    vintage_number,
    origin,
    known_until,
    rules_digest,
    linkage_digest,
    reference_month,
    unit,
    segment_type,
    segment,
    indicator,
    figure
from published_figures
where known_until < cast('{{ var("as_of") }}' as date) + interval 1 day
