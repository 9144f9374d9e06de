{% set segment_types = [
    'total', 'household_type', 'age_band', 'sex', 'situation', 'commune'
] -%}
with spell_months as (
    select
        *,
        'total' as total
    from {{ ref('fct_spell_months') }}
)

{% for segment_type in segment_types -%}
    select
        reference_month,
        duration_kind,
        unit,
        unit_id,
        spell_number,
        '{{ segment_type }}' as segment_type,
        {{ segment_type }} as segment,
        entry_days,
        duration_days,
        is_event
    from spell_months
    where {{ segment_type }} is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
