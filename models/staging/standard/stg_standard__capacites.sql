with landed as (
    {{ current_rows('standard', 'capacites') }}
)

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    source_row,
    trim(type_de_place) as type_de_place,
    trim(commune) as commune,
    cast(places as integer) as places,
    cast(places_occupees as integer) as places_occupees
from landed
