with considered_pairs as (
    select * from {{ ref('lnk_considered_pairs') }}
    where is_sure
),

neighbours as (
    select
        record_number_l as record_number,
        record_number_r as neighbour_number
    from considered_pairs
    union all
    select
        record_number_r as record_number,
        record_number_l as neighbour_number
    from considered_pairs
)

select
    record_number,
    neighbour_number,
    -- Records that are surely linked with the same ones have one name for it: their first one.
    least(
        record_number, min(neighbour_number) over (partition by record_number)
    ) as company_number
from neighbours
