with listed as (
    select * from {{ ref('compiled_list') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

waits as (
    select * from {{ ref('fct_household_waits') }}
),

shelter_spells as (
    select * from {{ ref('fct_shelter_spells') }}
),

housing_returns as (
    select * from {{ ref('fct_housing_returns') }}
),

places as (
    select * from {{ ref('fct_need_places') }}
)

select
    listed.reference_month,
    listed.person_id,
    listed.household_id,
    listed.situation,
    listed.household_type,
    listed.age_band,
    listed.administrative_status,
    waits.need,
    waits.request_reason,
    waits.household_id is not null as has_request,
    waits.siao_request_date is not null as has_siao_request,
    waits.priority_status,
    listed.has_child_under_3,
    listed.is_long_term,
    listed.days_without_home,
    months.month_end - any_shelter.since_date + 1 as days_in_shelter,
    months.month_end - same_shelter.since_date + 1 as days_in_situation,
    months.month_end - waits.siao_request_date as days_since_request,
    months.month_end - waits.siao_updated_date as days_since_request_update,
    months.month_end - waits.priority_date as days_since_priority,
    housing_returns.months_since_return,
    housing_returns.months_housed as months_housed_before_return,
    places.places_vacant as vacant_places_for_need
from listed
inner join months on listed.reference_month = months.reference_month
left join waits
    on
        listed.household_id = waits.household_id
        and listed.reference_month = waits.reference_month
left join shelter_spells as any_shelter
    on
        listed.person_id = any_shelter.person_id
        and any_shelter.shelter = 'any'
        and months.month_end between any_shelter.since_date and any_shelter.covered_until
left join shelter_spells as same_shelter
    on
        listed.person_id = same_shelter.person_id
        and listed.situation = same_shelter.shelter
        and months.month_end between same_shelter.since_date and same_shelter.covered_until
left join housing_returns
    on
        listed.person_id = housing_returns.person_id
        and listed.reference_month = housing_returns.reference_month
left join places
    on
        listed.reference_month = places.reference_month
        and waits.need = places.need
