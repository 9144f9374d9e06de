with persons as (
    select
        *,
        case
            when household_record_id is not null
                then count(distinct record_id) over (partition by delivery_id, household_record_id)
        end as member_count
    from {{ ref('stg_standard__personnes') }}
),

-- Whoever a sheet names is on the organisation's list, even if the sheet of persons forgets them.
appearances as (
    {% for sheet in ['personnes', 'contacts', 'sejours', 'demandes'] %}
        select
            operator,
            reference_month,
            delivery_id,
            received_at,
            source_row,
            record_id,
            {{ loop.index }} as sheet_rank
        from {{ ref('stg_standard__' ~ sheet) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

best_appearances as (
    select *
    from appearances
    qualify row_number() over (
        partition by operator, reference_month, record_id
        order by sheet_rank asc, source_row desc
    ) = 1
),

staged as (
    select
        best_appearances.*,
        persons.household_record_id,
        persons.member_count,
        persons.birth_year,
        persons.birth_date_precision,
        persons.sexe,
        persons.lien,
        persons.composition,
        persons.taille_menage,
        persons.situation_administrative,
        persons.ressources
    from best_appearances
    left join persons
        on
            best_appearances.delivery_id = persons.delivery_id
            and best_appearances.source_row = persons.source_row
)

select
    staged.operator,
    staged.reference_month,
    staged.record_id,
    staged.household_record_id,
    staged.delivery_id,
    staged.received_at,
    staged.birth_year,
    coalesce(staged.birth_date_precision, 'missing') as birth_date_precision,
    staged.sexe as sex_source,
    {{ mapped_code('sex', 'sexe') }} as sex,
    staged.composition as household_type_source,
    {{ mapped_code('household_type', 'composition') }} as household_type,
    staged.lien as household_role_source,
    {{ mapped_code('household_role', 'lien') }} as household_role,
    cast(coalesce(staged.taille_menage, staged.member_count) as integer) as household_size,
    staged.situation_administrative as administrative_status_source,
    {{ mapped_code('administrative_status', 'situation_administrative') }} as administrative_status,
    staged.ressources as resources_source,
    {{ mapped_code('resources', 'ressources') }} as resources
from staged
{{ join_mapping('sex', 'sexe', "'standard'") }}
{{ join_mapping('household_type', 'composition', "'standard'") }}
{{ join_mapping('household_role', 'lien', "'standard'") }}
{{ join_mapping('administrative_status', 'situation_administrative', "'standard'") }}
{{ join_mapping('resources', 'ressources', "'standard'") }}
