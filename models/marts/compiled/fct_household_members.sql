with person_months as (
    select * from {{ ref('fct_person_months') }}
),

voc_status as (
    select * from {{ ref('voc_status') }}
),

age_bands as (
    select * from {{ ref('age_bands') }}
),

-- A household is what its reference member is: the one nearest to being without a home, adults
-- first, then the one known for longest.
ranked as (
    select
        person_months.*,
        age_bands.is_adult,
        coalesce(age_bands.max_age < 3, false) as is_under_3,
        voc_status.position = min(voc_status.position) over (
            partition by person_months.reference_month, person_months.household_id
        ) as is_counted,
        row_number() over (
            partition by person_months.reference_month, person_months.household_id
            order by
                voc_status.position asc,
                coalesce(age_bands.is_adult, false) desc,
                person_months.months_since_first_seen desc,
                person_months.person_id asc
        ) = 1 as is_reference
    from person_months
    inner join voc_status on person_months.status = voc_status.code
    inner join age_bands on person_months.age_band = age_bands.code
)

select
    person_id,
    reference_month,
    month_end,
    household_id,
    status,
    is_active,
    was_active,
    situation,
    household_type,
    commune,
    homeless_since_date,
    inflow_type,
    outflow_type,
    is_adult,
    is_under_3,
    is_counted,
    is_reference,
    lag(household_id) over by_month as previous_household_id,
    coalesce(lag(is_reference) over by_month, false) as was_reference
from ranked
window by_month as (partition by person_id order by reference_month)
