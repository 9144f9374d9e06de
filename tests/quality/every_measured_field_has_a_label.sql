-- A share without a French name cannot be read by the operator it is about.
with completeness as (
    select
        entity,
        field
    from {{ ref('dq_completeness') }}
    group by entity, field
),

quality_fields as (
    select * from {{ ref('quality_fields') }}
)

select
    completeness.entity,
    completeness.field
from completeness
left join quality_fields
    on
        completeness.entity = quality_fields.entity
        and completeness.field = quality_fields.field
where quality_fields.field is null
