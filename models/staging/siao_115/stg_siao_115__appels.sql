with landed as (
    {{ current_rows('siao_115', 'appels') }}
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
    cast(date_appel as timestamp) as date_appel,
    trim(sexe) as sexe,
    trim(composition_familiale) as composition_familiale,
    trim(commune_appel) as commune_appel,
    trim(situation) as situation,
    cast(duree_demandee as integer) as duree_demandee,
    trim(reponse) as reponse
from landed
