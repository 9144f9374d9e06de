with landed as (
    {{ current_rows('siao_insertion', 'demandes') }}
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
    cast(date_de_la_demande as date) as date_de_la_demande,
    trim(demandeur_principal) as demandeur_principal,
    trim(sexe) as sexe,
    trim(composition_familiale) as composition_familiale,
    trim(situation_demande) as situation_demande,
    trim(situation_administrative) as situation_administrative,
    trim(motif) as motif,
    trim(preconisation) as preconisation,
    trim(statut) as statut,
    cast(date_statut as date) as date_statut,
    trim(motif_refus) as motif_refus,
    cast(date_actualisation as date) as date_actualisation
from landed
