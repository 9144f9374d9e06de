with household_requests as (
    select * from {{ ref('fct_household_requests') }}
),

deliveries as (
    select * from {{ ref('stg_synchro__deliveries') }}
),

request_extracts as (
    select
        deliveries.operator,
        deliveries.extract
    from deliveries
    inner join {{ ref('hrm_requests') }} as requests
        on deliveries.delivery_id = requests.delivery_id
    group by deliveries.operator, deliveries.extract
),

months as (
    select reference_month from {{ ref('dim_months') }}
    where not is_opening
),

-- A month that was not delivered keeps what the operator last said: it is not an empty list.
listed_months as (
    select
        months.reference_month,
        deliveries.operator,
        max(deliveries.reference_month) as listed_month,
        min(deliveries.reference_month) as first_listed_month
    from months
    inner join deliveries on months.reference_month >= deliveries.reference_month
    inner join request_extracts
        on
            deliveries.operator = request_extracts.operator
            and deliveries.extract = request_extracts.extract
    where deliveries.is_current
    group by months.reference_month, deliveries.operator
)

select
    household_requests.household_request_id,
    listed_months.reference_month,
    household_requests.operator,
    household_requests.person_id,
    household_requests.person_count,
    household_requests.request_kind,
    household_requests.request_date,
    household_requests.updated_date,
    household_requests.status,
    household_requests.is_live,
    household_requests.need,
    household_requests.is_need_implied,
    household_requests.typology,
    household_requests.commune,
    household_requests.reason,
    household_requests.refusal_reason,
    listed_months.listed_month < listed_months.reference_month as is_carried_over,
    -- Older than the operator's first list, it was there before: nobody saw it arrive.
    household_requests.request_date >= listed_months.first_listed_month as is_seen_arriving
from household_requests
inner join listed_months
    on
        household_requests.operator = listed_months.operator
        and household_requests.reference_month = listed_months.listed_month
