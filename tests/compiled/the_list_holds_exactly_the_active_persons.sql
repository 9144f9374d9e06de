with listed as (
    select
        reference_month,
        person_id,
        situation
    from {{ ref('compiled_list') }}
),

active as (
    select
        reference_month,
        person_id,
        situation
    from {{ ref('fct_person_months') }}
    where status = 'active'
)

(
    select
        reference_month,
        person_id,
        situation
    from listed
    except all
    select
        reference_month,
        person_id,
        situation
    from active
)
union all
(
    select
        reference_month,
        person_id,
        situation
    from active
    except all
    select
        reference_month,
        person_id,
        situation
    from listed
)
