with landed as (
    {{ current_rows('accueil_jour', 'passages') }}
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
    trim(sexe) as sexe,
    cast(date_passage as date) as date_passage,
    trim(dort_ou) as dort_ou
from landed
