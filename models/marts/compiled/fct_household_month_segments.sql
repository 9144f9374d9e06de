with household_months as (
    select * from {{ ref('fct_household_months') }}
),

with_previous as (
    select
        *,
        lag(household_type) over by_month as previous_household_type,
        lag(situation) over by_month as previous_situation,
        lag(commune) over by_month as previous_commune
    from household_months
    window by_month as (partition by household_id order by reference_month)
),

moving as (
    select * from with_previous
    where is_active or was_active
),

segments as (
    {% for segment_type in ['household_type', 'situation', 'commune'] -%}
        select
            household_id,
            reference_month,
            '{{ segment_type }}' as segment_type,
            {{ segment_type }} as segment,
            previous_{{ segment_type }} as previous_segment,
            is_active,
            was_active,
            inflow_type,
            outflow_type
        from moving
        union all
    {% endfor -%}
    select
        household_id,
        reference_month,
        'total' as segment_type,
        'total' as segment,
        'total' as previous_segment,
        is_active,
        was_active,
        inflow_type,
        outflow_type
    from moving
)

select * from segments
