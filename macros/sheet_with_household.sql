{% macro sheet_with_household(sheet) -%}
    with sheet as (
        select * from {{ ref('stg_standard__' ~ sheet) }}
    ),

    households as (
        select
            operator,
            reference_month,
            record_id,
            max(household_record_id) as household_record_id
        from {{ ref('stg_standard__personnes') }}
        group by operator, reference_month, record_id
    ),

    staged as (
        select
            sheet.*,
            households.household_record_id
        from sheet
        left join households using (operator, reference_month, record_id)
    )
{%- endmacro %}
