with staged as (
    select
        *,
        case
            when household_record_id is not null
                then count(distinct record_id) over (partition by delivery_id, household_record_id)
        end as household_size
    from {{ ref('stg_hotel__nuitees') }}
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
    cast(null as varchar) as sex_source,
    'not_collected' as sex,
    cast(null as varchar) as household_type_source,
    'not_collected' as household_type,
    cast(null as varchar) as household_role_source,
    'not_collected' as household_role,
    cast(staged.household_size as integer) as household_size,
    cast(null as varchar) as administrative_status_source,
    'not_collected' as administrative_status,
    cast(null as varchar) as resources_source,
    'not_collected' as resources
from staged
{{ latest_row_of_record() }}
