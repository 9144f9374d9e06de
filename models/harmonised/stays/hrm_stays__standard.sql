with staged as (
    select * from {{ ref('stg_standard__sejours') }}
)

select
    staged.delivery_id || '-' || staged.source_row as stay_listing_id,
    md5(
        concat_ws('|', staged.operator, staged.record_id, staged.date_entree, staged.structure)
    ) as stay_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.date_entree as entry_date,
    staged.date_sortie as exit_date,
    staged.type_de_lieu as situation_source,
    {{ mapped_code('situation', 'type_de_lieu') }} as situation,
    staged.structure,
    staged.commune as commune_source,
    {{ mapped_code('commune', 'commune') }} as commune,
    staged.motif_sortie as exit_reason_source,
    {{ mapped_code('exit_reason', 'motif_sortie') }} as exit_reason,
    staged.destination as exit_destination_source,
    {{ mapped_code('exit_destination', 'destination') }} as exit_destination
from staged
{{ join_mapping('situation', 'type_de_lieu', "'standard'") }}
{{ join_mapping('commune', 'commune', "'standard'") }}
{{ join_mapping('exit_reason', 'motif_sortie', "'standard'") }}
{{ join_mapping('exit_destination', 'destination', "'standard'") }}
