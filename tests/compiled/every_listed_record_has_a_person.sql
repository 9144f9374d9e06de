-- The bridge holds every record of the harmonised lists, with its operator and the months it was
-- listed in.
with records as (
    select
        record_id,
        operator,
        min(reference_month) as first_reference_month,
        max(reference_month) as last_reference_month
    from {{ ref('hrm_records') }}
    group by record_id, operator
),

person_records as (
    select
        record_id,
        operator,
        first_reference_month,
        last_reference_month
    from {{ ref('bridge_person_records') }}
)

(
    select
        record_id,
        operator,
        first_reference_month,
        last_reference_month
    from records
    except all
    select
        record_id,
        operator,
        first_reference_month,
        last_reference_month
    from person_records
)
union all
(
    select
        record_id,
        operator,
        first_reference_month,
        last_reference_month
    from person_records
    except all
    select
        record_id,
        operator,
        first_reference_month,
        last_reference_month
    from records
)
