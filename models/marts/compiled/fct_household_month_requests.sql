with requests as (
    select * from {{ ref('hrm_requests') }}
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

households as (
    select * from {{ ref('fct_person_month_households') }}
),

voc_request_status as (
    select * from {{ ref('voc_request_status') }}
),

request_kind_needs as (
    select * from {{ ref('request_kind_needs') }}
),

-- A list of requests holds until its operator delivers the next one.
listings as (
    select
        operator,
        reference_month as from_month,
        lead(reference_month, 1, date '9999-12-31') over (
            partition by operator order by reference_month
        ) as before_month
    from requests
    group by operator, reference_month
),

live as (
    select
        households.household_id,
        months.reference_month,
        requests.* exclude (requests.reference_month),
        request_kind_needs.need as implied_need
    from requests
    inner join listings
        on
            requests.operator = listings.operator
            and requests.reference_month = listings.from_month
    inner join months
        on
            listings.from_month <= months.reference_month
            and listings.before_month > months.reference_month
    inner join person_records on requests.record_id = person_records.record_id
    inner join households
        on
            person_records.person_id = households.person_id
            and months.reference_month = households.reference_month
    inner join voc_request_status on requests.status = voc_request_status.code
    left join request_kind_needs on requests.request_kind = request_kind_needs.request_kind
    where voc_request_status.is_live
),

-- One request may leave unsaid what another says: the SIAO asks for no size of dwelling, and a
-- priority label recommends nothing, it tells the need of whom nobody made a recommendation for.
said as (
    select
        household_id,
        reference_month,
        coalesce(
            arg_max(need, row(request_date, request_listing_id)) filter (
                where need not in ('unknown', 'unmapped', 'not_collected')
            ),
            arg_max(implied_need, row(request_date, request_listing_id))
        ) as need,
        arg_max(typology, row(request_date, request_listing_id)) filter (
            where typology not in ('unknown', 'unmapped', 'not_collected')
        ) as typology,
        min(request_date) filter (where request_kind = 'priority_housing') as priority_date
    from live
    group by household_id, reference_month
),

latest as (
    select *
    from live
    qualify row_number() over (
        partition by household_id, reference_month
        order by request_date desc, request_listing_id desc
    ) = 1
)

select
    latest.household_id,
    latest.reference_month,
    latest.request_kind,
    latest.status as request_status,
    latest.request_date,
    coalesce(latest.updated_date, latest.request_date) as request_updated_date,
    said.need,
    said.typology,
    said.priority_date
from latest
inner join said
    on
        latest.household_id = said.household_id
        and latest.reference_month = said.reference_month
