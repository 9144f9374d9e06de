with staged as (
    select * from {{ ref('stg_siao_insertion__demandes') }}
)

select
    staged.delivery_id || '-' || staged.source_row as request_listing_id,
    md5(concat_ws('|', staged.operator, staged.record_id, staged.date_de_la_demande)) as request_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    'siao_insertion' as request_kind,
    staged.date_de_la_demande as request_date,
    staged.date_actualisation as updated_date,
    staged.statut as status_source,
    {{ mapped_code('request_status', 'statut') }} as status,
    staged.date_statut as status_date,
    staged.situation_demande as situation_source,
    {{ mapped_code('situation', 'situation_demande') }} as situation,
    staged.motif as reason_source,
    {{ mapped_code('reason', 'motif') }} as reason,
    staged.preconisation as need_source,
    {{ mapped_code('need', 'preconisation') }} as need,
    cast(null as varchar) as typology_source,
    'not_collected' as typology,
    cast(null as varchar) as commune_source,
    'not_collected' as commune,
    staged.motif_refus as refusal_reason_source,
    {{ mapped_code('refusal_reason', 'motif_refus') }} as refusal_reason
from staged
{{ join_mapping('request_status', 'statut') }}
{{ join_mapping('situation', 'situation_demande') }}
{{ join_mapping('reason', 'motif') }}
{{ join_mapping('need', 'preconisation') }}
{{ join_mapping('refusal_reason', 'motif_refus') }}
