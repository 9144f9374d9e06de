with staged as (
    select * from {{ ref('stg_logement__entrees') }}
)

select
    staged.delivery_id || '-' || staged.source_row as stay_listing_id,
    md5(concat_ws('|', staged.operator, staged.record_id, staged.entree_dans_les_lieux)) as stay_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.entree_dans_les_lieux as entry_date,
    staged.sortie as exit_date,
    staged.dispositif as situation_source,
    {{ mapped_code('situation', 'dispositif') }} as situation,
    cast(null as varchar) as structure,
    staged.commune as commune_source,
    {{ mapped_code('commune', 'commune') }} as commune,
    cast(null as varchar) as exit_reason_source,
    'not_collected' as exit_reason,
    staged.motif_sortie as exit_destination_source,
    {{ mapped_code('exit_destination', 'motif_sortie') }} as exit_destination
from staged
{{ join_mapping('situation', 'dispositif') }}
{{ join_mapping('commune', 'commune') }}
{{ join_mapping('exit_destination', 'motif_sortie') }}
