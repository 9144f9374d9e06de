with staged as (
    select * from {{ ref('stg_ccas__domiciliations') }}
)

select
    staged.operator,
    staged.reference_month,
    staged.record_id,
    staged.household_record_id,
    staged.delivery_id,
    staged.received_at,
    staged.birth_year,
    staged.birth_date_precision,
    staged.civilite as sex_source,
    {{ mapped_code('sex', 'civilite') }} as sex,
    staged.situation_familiale as household_type_source,
    {{ mapped_code('household_type', 'situation_familiale') }} as household_type,
    cast(null as varchar) as household_role_source,
    'not_collected' as household_role,
    cast(null as integer) as household_size,
    cast(null as varchar) as administrative_status_source,
    'not_collected' as administrative_status,
    staged.ressources as resources_source,
    {{ mapped_code('resources', 'ressources') }} as resources
from staged
{{ join_mapping('sex', 'civilite') }}
{{ join_mapping('household_type', 'situation_familiale') }}
{{ join_mapping('resources', 'ressources') }}
{{ latest_row_of_record() }}
