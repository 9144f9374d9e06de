with published as (
    select * from {{ ref('stg_synchro__published_figures') }}
)

select
    reference_month,
    unit,
    segment_type,
    segment,
    indicator,
    figure,
    origin,
    vintage_number,
    known_until,
    rules_digest,
    linkage_digest
from published
qualify row_number() over (
    partition by reference_month, unit, segment_type, segment, indicator
    order by known_until, vintage_number
) = 1
