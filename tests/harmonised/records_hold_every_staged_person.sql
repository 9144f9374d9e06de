-- Every record that an operator's delivery in force names is there once, and nobody else is.
with staged as (
    {% for relation in staged_relations('records') %}
        select
            operator,
            reference_month,
            record_id
        from {{ relation }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

both_sides as (
    select
        operator,
        reference_month,
        record_id,
        1 as in_records,
        0 as in_staged
    from {{ ref('hrm_records') }}
    union all
    select
        operator,
        reference_month,
        record_id,
        0 as in_records,
        1 as in_staged
    from staged
)

select
    operator,
    reference_month,
    record_id
from both_sides
group by operator, reference_month, record_id
having sum(in_records) <> 1 or sum(in_staged) <> 1
