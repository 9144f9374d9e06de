with staged as (
    select * from {{ ref('stg_syplo__demandes') }}
)

select
    staged.delivery_id || '-' || staged.source_row as request_listing_id,
    md5(concat_ws('|', staged.operator, staged.record_id, staged.date_label)) as request_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    'priority_housing' as request_kind,
    staged.date_label as request_date,
    cast(null as date) as updated_date,
    staged.statut as status_source,
    {{ mapped_code('request_status', 'statut') }} as status,
    staged.date_relogement as status_date,
    cast(null as varchar) as situation_source,
    'not_collected' as situation,
    staged.motif_priorite as reason_source,
    {{ mapped_code('reason', 'motif_priorite') }} as reason,
    cast(null as varchar) as need_source,
    'not_collected' as need,
    staged.typo_souhaitee as typology_source,
    {{ mapped_code('typology', 'typo_souhaitee') }} as typology,
    staged.commune_souhaitee as commune_source,
    {{ mapped_code('commune', 'commune_souhaitee') }} as commune,
    cast(null as varchar) as refusal_reason_source,
    'not_collected' as refusal_reason
from staged
{{ join_mapping('request_status', 'statut') }}
{{ join_mapping('reason', 'motif_priorite') }}
{{ join_mapping('typology', 'typo_souhaitee') }}
{{ join_mapping('commune', 'commune_souhaitee') }}
