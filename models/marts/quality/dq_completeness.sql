{% set fields = [] %}
{% for entity, mapped in var('mapped_fields').items() %}
    {% for field in mapped %}
        {% do fields.append(
            (entity, field, field ~ " != 'unknown'", field ~ " != 'not_collected'")
        ) %}
    {% endfor %}
    {% for field, condition in var('filled_when').get(entity, {}).items() %}
        {% do fields.append((entity, field, condition, 'true')) %}
    {% endfor %}
{% endfor %}

-- Names are in the vault only: linkage knows whether a record has one.
with record_names as (
    {% for field in ['last_name', 'first_name'] %}
        select
            record_id,
            '{{ field }}' as field,
            bool_or({{ field }}_token is not null) as is_filled
        from {{ ref('lnk_records') }}
        group by record_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

named_records as (
    select
        records.operator,
        record_names.field,
        records.reference_month,
        record_names.is_filled
    from {{ ref('hrm_records') }} as records
    inner join record_names on records.record_id = record_names.record_id
),

rows_by_field as (
    {% for entity, field, is_filled, is_collected in fields %}
        select
            operator,
            '{{ entity }}' as entity,
            '{{ field }}' as field,
            reference_month,
            {{ is_filled }} as is_filled
        from {{ ref('hrm_' ~ entity) }}
        where {{ is_collected }} and {{ var('applicable_when').get(entity, {}).get(field, 'true') }}
        union all
    {% endfor %}
    select
        operator,
        'records' as entity,
        field,
        reference_month,
        is_filled
    from named_records
)

select
    operator,
    entity,
    field,
    reference_month,
    count(*) as row_count,
    count(*) filter (where is_filled) as filled_count,
    round(count(*) filter (where is_filled) / count(*), 4) as filled_share
from rows_by_field
group by operator, entity, field, reference_month
-- What an operator has never filled, it does not collect.
qualify sum(count(*) filter (where is_filled)) over (partition by operator, entity, field) > 0
