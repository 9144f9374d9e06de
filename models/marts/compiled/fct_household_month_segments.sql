with household_months as (
    select * from {{ ref('fct_household_months') }}
),

moving as (
    select * from household_months
    where is_active or was_active
),

-- Whoever was active the month before has a row for it.
with_previous as (
    select
        *,
        lag(household_type) over by_month as previous_household_type,
        lag(situation) over by_month as previous_situation,
        lag(commune) over by_month as previous_commune
    from moving
    window by_month as (partition by household_id order by reference_month)
),

-- Who is not active was housed, inactive, gone...: the flow's type says what they came from or
-- went to.
with_states as (
    select
        *,
        case when was_active then previous_situation else inflow_type end as from_state,
        case when is_active then situation else outflow_type end as to_state
    from with_previous
),

segments as (
    {% for segment_type in ['household_type', 'situation', 'commune'] -%}
        select
            household_id,
            reference_month,
            '{{ segment_type }}' as segment_type,
            {{ segment_type }} as segment,
            case when was_active then previous_{{ segment_type }} end as previous_segment,
            is_active,
            was_active,
            inflow_type,
            outflow_type,
            from_state,
            to_state,
            since_date
        from with_states
        union all
    {% endfor -%}
    select
        household_id,
        reference_month,
        'total' as segment_type,
        'total' as segment,
        case when was_active then 'total' end as previous_segment,
        is_active,
        was_active,
        inflow_type,
        outflow_type,
        from_state,
        to_state,
        since_date
    from with_states
)

select * from segments
