with staged as (
    select * from {{ ref('stg_siao_115__appels') }}
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
    staged.sexe as sex_source,
    {{ mapped_code('sex', 'sexe') }} as sex,
    staged.composition_familiale as household_type_source,
    {{ mapped_code('household_type', 'composition_familiale') }} as household_type,
    cast(null as varchar) as household_role_source,
    'not_collected' as household_role,
    cast(null as integer) as household_size,
    cast(null as varchar) as administrative_status_source,
    'not_collected' as administrative_status,
    cast(null as varchar) as resources_source,
    'not_collected' as resources
from staged
{{ join_mapping('sex', 'sexe') }}
{{ join_mapping('household_type', 'composition_familiale') }}
{{ latest_row_of_record() }}
