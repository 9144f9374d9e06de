with landed as (
    {{ current_rows('logement', 'entrees') }}
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
    trim(dispositif) as dispositif,
    trim(commune) as commune,
    cast(entree_dans_les_lieux as date) as entree_dans_les_lieux,
    cast(sortie as date) as sortie,
    trim(motif_sortie) as motif_sortie
from landed
