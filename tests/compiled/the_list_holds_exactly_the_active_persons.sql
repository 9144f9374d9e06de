with listed as (
    select
        reference_month,
        person_id,
        situation,
    from {{ ref('compiled_list') }}
),

active as (
    select
        reference_month,
        person_id,
        situation,
    from {{ ref('fct_person_months') }}
    where status = 'active'
)

(select * from listed except all select * from active)
union all
(select * from active except all select * from listed)
