with landed as (
    {{ current_rows('dna', 'presences') }}
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
    trim(statut) as statut,
    -- The kind of place says where a person sleeps; only with the status does it say whether the
    -- claim is pending.
    concat_ws(' / ', nullif(trim(type), ''), nullif(trim(statut), '')) as type_statut,
    concat_ws(' / ', nullif(trim(type), ''), 'DA') as type_avant_decision,
    cast(date_entree as date) as date_entree,
    cast(date_decision as date) as date_decision,
    cast(date_sortie as date) as date_sortie,
    trim(motif_sortie) as motif_sortie,
    trim(solution) as solution
from landed
