with landed as (
    {{ current_rows('standard', 'personnes') }}
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
    trim(lien) as lien,
    trim(composition) as composition,
    cast(taille_menage as integer) as taille_menage,
    trim(situation_administrative) as situation_administrative,
    trim(ressources) as ressources
from landed
