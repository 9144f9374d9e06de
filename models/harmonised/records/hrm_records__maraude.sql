with staged as (
    select * from {{ ref('stg_maraude__rencontres') }}
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
    cast(null as varchar) as household_type_source,
    'not_collected' as household_type,
    cast(null as varchar) as household_role_source,
    'not_collected' as household_role,
    cast(null as integer) as household_size,
    cast(null as varchar) as administrative_status_source,
    'not_collected' as administrative_status,
    cast(null as varchar) as resources_source,
    'not_collected' as resources
from staged
{{ join_mapping('sex', 'sexe') }}
{{ latest_row_of_record() }}
