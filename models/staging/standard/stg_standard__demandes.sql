with {{ with_household('demandes') }}

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    source_row,
    record_id,
    household_record_id,
    trim(nature) as nature,
    cast(date_demande as date) as date_demande,
    cast(date_actualisation as date) as date_actualisation,
    trim(statut) as statut,
    cast(date_statut as date) as date_statut,
    trim(situation) as situation,
    trim(motif) as motif,
    trim(preconisation) as preconisation,
    trim(typologie) as typologie,
    trim(commune) as commune,
    trim(motif_refus) as motif_refus
from sheet
