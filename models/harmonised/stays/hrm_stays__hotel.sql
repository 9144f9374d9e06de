with staged as (
    select * from {{ ref('stg_hotel__nuitees') }}
)

select
    staged.delivery_id || '-' || staged.source_row as stay_listing_id,
    md5(concat_ws('|', staged.operator, staged.record_id, staged.arrivee, staged.hotel)) as stay_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.arrivee as entry_date,
    staged.depart as exit_date,
    staged.type_prise_en_charge as situation_source,
    {{ mapped_code('situation', 'type_prise_en_charge') }} as situation,
    staged.hotel as structure,
    staged.commune as commune_source,
    {{ mapped_code('commune', 'commune') }} as commune,
    cast(null as varchar) as exit_reason_source,
    'not_collected' as exit_reason,
    cast(null as varchar) as exit_destination_source,
    'not_collected' as exit_destination
from staged
{{ join_mapping('situation', 'type_prise_en_charge') }}
{{ join_mapping('commune', 'commune') }}
