-- From the first evidence (or the month the list begins) to the last: one row a month, no gap.
with persons as (
    select
        person_id,
        min(start_date) as first_evidence_date
    from {{ ref('fct_evidence') }}
    where not is_overruled
    group by person_id
),

months as (
    select
        min(reference_month) as first_month,
        max(reference_month) as last_month
    from {{ ref('dim_months') }}
    where not is_opening
),

expected as (
    select
        persons.person_id,
        months.last_month,
        greatest(
            date_trunc('month', persons.first_evidence_date), months.first_month
        ) as first_month,
        date_diff(
            'month', greatest(persons.first_evidence_date, months.first_month), months.last_month
        ) + 1 as month_count
    from persons
    cross join months
    where persons.first_evidence_date <= last_day(months.last_month)
),

found as (
    select
        person_id,
        min(reference_month) as first_month,
        max(reference_month) as last_month,
        count(distinct reference_month) as month_count,
        count(*) as row_count
    from {{ ref('fct_person_months') }}
    group by person_id
)

select
    coalesce(expected.person_id, found.person_id) as person_id,
    expected.first_month as expected_first_month,
    found.first_month,
    expected.month_count as expected_month_count,
    found.month_count
from expected
full join found on expected.person_id = found.person_id
where
    expected.first_month is distinct from found.first_month
    or expected.last_month is distinct from found.last_month
    or expected.month_count is distinct from found.month_count
    or found.row_count is distinct from found.month_count
