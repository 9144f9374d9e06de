with {{ with_household('sejours') }}

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    source_row,
    record_id,
    household_record_id,
    trim(type_de_lieu) as type_de_lieu,
    trim(structure) as structure,
    trim(commune) as commune,
    cast(date_entree as date) as date_entree,
    cast(date_sortie as date) as date_sortie,
    trim(motif_sortie) as motif_sortie,
    trim(destination) as destination
from sheet
