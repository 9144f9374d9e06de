{% macro with_household(sheet) -%}
    landed as (
        {{ current_rows('standard', sheet) }}
    ),

    persons as (
        {{ current_rows('standard', 'personnes') }}
    ),

    households as (
        select operator, reference_month, record_id, max(household_record_id) as household_record_id
        from persons
        group by operator, reference_month, record_id
    ),

    sheet as (
        select
            landed.* exclude (household_record_id),
            households.household_record_id
        from landed
        left join households using (operator, reference_month, record_id)
    )
{%- endmacro %}
