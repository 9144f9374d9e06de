with staged as (
    select
        *,
        case
            when household_record_id is not null
                then count(distinct record_id) over (partition by delivery_id, household_record_id)
        end as household_size
    from {{ ref('stg_siao_insertion__demandes') }}
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
    staged.demandeur_principal as household_role_source,
    {{ mapped_code('household_role', 'demandeur_principal') }} as household_role,
    cast(staged.household_size as integer) as household_size,
    staged.situation_administrative as administrative_status_source,
    {{ mapped_code('administrative_status', 'situation_administrative') }} as administrative_status,
    cast(null as varchar) as resources_source,
    'not_collected' as resources
from staged
{{ join_mapping('sex', 'sexe') }}
{{ join_mapping('household_type', 'composition_familiale') }}
{{ join_mapping('household_role', 'demandeur_principal') }}
{{ join_mapping('administrative_status', 'situation_administrative') }}
{{ latest_row_of_record() }}
