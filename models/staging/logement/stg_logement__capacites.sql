with landed as (
    {{ current_rows('logement', 'capacites') }}
)

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    source_row,
    trim(dispositif) as dispositif,
    trim(commune) as commune,
    cast(places as integer) as places,
    cast(places_occupees as integer) as places_occupees
from landed
