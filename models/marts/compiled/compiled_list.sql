with person_months as (
    select * from {{ ref('fct_person_months') }}
),

statuses as (
    select * from {{ ref('fct_person_month_statuses') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

requests as (
    select * from {{ ref('hrm_requests') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

voc_inflow as (
    select * from {{ ref('voc_inflow') }}
),

voc_request_status as (
    select * from {{ ref('voc_request_status') }}
),

-- A run of active months is opened by a way in, and lasts until the next one.
runs as (
    select
        person_months.*,
        coalesce(statuses.homeless_since_date, statuses.homeless_start_date) as homeless_since_date,
        count(person_months.inflow_type) over (
            partition by person_months.person_id
            order by person_months.reference_month
        ) as run_number
    from person_months
    inner join statuses
        on
            person_months.person_id = statuses.person_id
            and person_months.reference_month = statuses.reference_month
    where person_months.is_active
),

-- The request on which the household waits, as that month's extracts state it.
live_requests as (
    select
        person_records.person_id,
        requests.reference_month,
        requests.request_date,
        requests.request_kind,
        requests.need
    from requests
    inner join person_records on requests.record_id = person_records.record_id
    inner join voc_request_status on requests.status = voc_request_status.code
    where voc_request_status.is_live
    qualify row_number() over (
        partition by person_records.person_id, requests.reference_month
        order by requests.request_date desc, requests.request_listing_id desc
    ) = 1
)

select
    runs.reference_month,
    runs.person_id,
    runs.household_record_id,
    runs.sex,
    runs.age_band,
    runs.household_type,
    runs.situation,
    voc_situation.label_fr as situation_label_fr,
    runs.commune,
    runs.administrative_status,
    runs.resources,
    first_value(runs.homeless_since_date) over (
        partition by runs.person_id, runs.run_number
        order by runs.reference_month
    ) as since_date,
    runs.last_seen_date,
    runs.operator_count,
    live_requests.request_kind,
    live_requests.request_date,
    live_requests.need,
    live_requests.person_id is null as is_without_request,
    coalesce(voc_inflow.is_return, false) as is_returned
from runs
inner join voc_situation on runs.situation = voc_situation.code
left join voc_inflow on runs.inflow_type = voc_inflow.code
left join live_requests
    on
        runs.person_id = live_requests.person_id
        and runs.reference_month = live_requests.reference_month
