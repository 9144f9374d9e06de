-- Counted again from the evidence: who is active has homeless evidence within the window, and so
-- has nobody else of those called inactive.
with seen as (
    select
        person_months.person_id,
        person_months.reference_month,
        person_months.status,
        max(least(evidence.end_date, person_months.month_end)) as last_seen_date,
        any_value(person_months.month_end) as month_end
    from {{ ref('fct_person_months') }} as person_months
    left join {{ ref('fct_evidence') }} as evidence
        on
            person_months.person_id = evidence.person_id
            and person_months.month_end >= evidence.start_date
            and evidence.is_homeless
            and not evidence.is_overruled
    where person_months.status in ('active', 'inactive')
    group by person_months.person_id, person_months.reference_month, person_months.status
)

select * from seen
where
    last_seen_date is null
    or (month_end - last_seen_date <= {{ var('inactivity_days') }}) != (status = 'active')
