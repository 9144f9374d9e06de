with landed as (
    {{ current_rows('syplo', 'demandes') }}
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
    trim(civilite) as civilite,
    cast(nb_personnes as integer) as nb_personnes,
    cast(date_label as date) as date_label,
    trim(motif_priorite) as motif_priorite,
    trim(typo_souhaitee) as typo_souhaitee,
    trim(commune_souhaitee) as commune_souhaitee,
    trim(statut) as statut,
    cast(date_relogement as date) as date_relogement
from landed
