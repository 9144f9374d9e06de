with landed as (
    {{ current_rows('hotel', 'nuitees') }}
)

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    source_row,
    record_id,
    household_record_id,
    cast(birth_year as integer) as birth_year,
    birth_date_precision,
    cast(arrivee as date) as arrivee,
    cast(depart as date) as depart,
    trim(hotel) as hotel,
    trim(commune) as commune,
    trim(type_prise_en_charge) as type_prise_en_charge
from landed
