with landed as (
    {{ current_rows('maraude', 'rencontres') }}
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
    cast(date_rencontre as date) as date_rencontre,
    trim(secteur) as secteur,
    trim(lieu_de_vie) as lieu_de_vie
from landed
