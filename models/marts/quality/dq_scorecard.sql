with deliveries as (
    select * from {{ ref('dq_deliveries') }}
),

operators as (
    select * from {{ ref('operators') }}
),

scores as (
    select * from {{ ref('dq_scores') }}
),

active_persons as (
    select
        person_id,
        reference_month
    from {{ ref('fct_person_months') }}
    where is_active
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

deliveries_by_operator as (
    select
        operator,
        reference_month,
        count(*) as expected_count,
        count(*) filter (where status = 'accepted') as delivered_count,
        count(*) filter (where days_late = 0) as on_time_count
    from deliveries
    group by operator, reference_month
),

shares as (
    select
        {% for dimension in ['completeness', 'conformity', 'uniqueness', 'plausibility'] %}
            round(
                sum(numerator) filter (where dimension = '{{ dimension }}')
                / sum(denominator) filter (where dimension = '{{ dimension }}'),
                4
            ) as {{ dimension }}_share,
        {% endfor %}
        operator,
        reference_month
    from scores
    group by operator, reference_month
),

-- Whom the operator has on its list by that month, of those without a home at its end.
knowings as (
    select
        active_persons.person_id,
        active_persons.reference_month,
        person_records.operator
    from active_persons
    inner join person_records
        on
            active_persons.person_id = person_records.person_id
            and active_persons.reference_month >= person_records.first_reference_month
    group by active_persons.person_id, active_persons.reference_month, person_records.operator
),

counted_knowings as (
    select
        *,
        count(*) over (partition by person_id, reference_month) as operator_count
    from knowings
),

coverages as (
    select
        operator,
        reference_month,
        count(*) as known_count,
        count(*) filter (where operator_count = 1) as known_alone_count
    from counted_knowings
    group by operator, reference_month
),

actives as (
    select
        reference_month,
        count(*) as active_count
    from active_persons
    group by reference_month
)

select
    deliveries_by_operator.operator,
    deliveries_by_operator.reference_month,
    -- An organisation that sends the standard workbook may not be in the seed yet.
    coalesce(operators.label_fr, deliveries_by_operator.operator) as operator_label_fr,
    coalesce(operators.family_fr, 'Autre organisation') as family_fr,
    cast(deliveries_by_operator.expected_count as integer) as expected_count,
    cast(deliveries_by_operator.delivered_count as integer) as delivered_count,
    cast(deliveries_by_operator.on_time_count as integer) as on_time_count,
    shares.completeness_share,
    shares.conformity_share,
    shares.uniqueness_share,
    shares.plausibility_share,
    cast(coalesce(coverages.known_count, 0) as integer) as known_count,
    cast(coalesce(coverages.known_alone_count, 0) as integer) as known_alone_count,
    cast(coalesce(actives.active_count, 0) as integer) as active_count,
    round(coalesce(coverages.known_count, 0) / actives.active_count, 4) as known_share
from deliveries_by_operator
left join operators on deliveries_by_operator.operator = operators.operator
left join shares
    on
        deliveries_by_operator.operator = shares.operator
        and deliveries_by_operator.reference_month = shares.reference_month
left join coverages
    on
        deliveries_by_operator.operator = coverages.operator
        and deliveries_by_operator.reference_month = coverages.reference_month
left join actives on deliveries_by_operator.reference_month = actives.reference_month
