with staged as (
    select * from {{ ref('stg_standard__demandes') }}
)

select
    staged.delivery_id || '-' || staged.source_row as request_listing_id,
    md5(
        concat_ws('|', staged.operator, staged.record_id, staged.nature, staged.date_demande)
    ) as request_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    {{ mapped_code('request_kind', 'nature') }} as request_kind,
    staged.date_demande as request_date,
    staged.date_actualisation as updated_date,
    staged.statut as status_source,
    {{ mapped_code('request_status', 'statut') }} as status,
    staged.date_statut as status_date,
    staged.situation as situation_source,
    {{ mapped_code('situation', 'situation') }} as situation,
    staged.motif as reason_source,
    {{ mapped_code('reason', 'motif') }} as reason,
    staged.preconisation as need_source,
    {{ mapped_code('need', 'preconisation') }} as need,
    staged.typologie as typology_source,
    {{ mapped_code('typology', 'typologie') }} as typology,
    staged.commune as commune_source,
    {{ mapped_code('commune', 'commune') }} as commune,
    staged.motif_refus as refusal_reason_source,
    {{ mapped_code('refusal_reason', 'motif_refus') }} as refusal_reason
from staged
{{ join_mapping('request_kind', 'nature', "'standard'") }}
{{ join_mapping('request_status', 'statut', "'standard'") }}
{{ join_mapping('situation', 'situation', "'standard'") }}
{{ join_mapping('reason', 'motif', "'standard'") }}
{{ join_mapping('need', 'preconisation', "'standard'") }}
{{ join_mapping('typology', 'typologie', "'standard'") }}
{{ join_mapping('commune', 'commune', "'standard'") }}
{{ join_mapping('refusal_reason', 'motif_refus', "'standard'") }}
