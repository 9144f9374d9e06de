with staged as (
    select * from {{ ref('stg_hebergement__sejours') }}
)

select
    staged.delivery_id || '-' || staged.source_row as stay_listing_id,
    md5(
        concat_ws('|', staged.operator, staged.record_id, staged.entree, staged.structure)
    ) as stay_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.entree as entry_date,
    staged.sortie as exit_date,
    staged.dispositif as situation_source,
    {{ mapped_code('situation', 'dispositif') }} as situation,
    staged.structure,
    staged.commune as commune_source,
    {{ mapped_code('commune', 'commune') }} as commune,
    staged.motif_sortie as exit_reason_source,
    {{ mapped_code('exit_reason', 'motif_sortie') }} as exit_reason,
    staged.destination as exit_destination_source,
    {{ mapped_code('exit_destination', 'destination') }} as exit_destination
from staged
{{ join_mapping('situation', 'dispositif') }}
{{ join_mapping('commune', 'commune') }}
{{ join_mapping('exit_reason', 'motif_sortie') }}
{{ join_mapping('exit_destination', 'destination') }}
