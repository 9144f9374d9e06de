with landed as (
    {{ current_rows('hebergement', 'sejours') }}
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
    trim(lien) as lien,
    trim(sexe) as sexe,
    trim(composition) as composition,
    trim(dispositif) as dispositif,
    trim(structure) as structure,
    trim(commune) as commune,
    cast(entree as date) as entree,
    cast(sortie as date) as sortie,
    trim(motif_sortie) as motif_sortie,
    trim(destination) as destination
from landed
