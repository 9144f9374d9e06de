with requests as (
    select * from {{ ref('hrm_requests') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

voc_request_status as (
    select * from {{ ref('voc_request_status') }}
),

request_kind_needs as (
    select * from {{ ref('request_kind_needs') }}
),

persons_requests as (
    select
        requests.*,
        person_records.person_id,
        md5(concat_ws(
            '|',
            requests.operator,
            coalesce(requests.household_record_id, requests.record_id),
            requests.request_date
        )) as household_request_id,
        requests.need in ('unknown', 'unmapped', 'not_collected') as is_need_missing
    from requests
    inner join person_records on requests.record_id = person_records.record_id
),

-- A household asks, with persons inside: one row for all, the one that says most.
spokesmen as (
    select
        *,
        count(distinct person_id) over (
            partition by household_request_id, reference_month
        ) as person_count
    from persons_requests
    qualify row_number() over (
        partition by household_request_id, reference_month
        order by
            status in ('unknown', 'unmapped', 'not_collected') asc,
            is_need_missing asc,
            received_at desc,
            request_listing_id desc
    ) = 1
)

select
    spokesmen.household_request_id,
    spokesmen.reference_month,
    spokesmen.operator,
    spokesmen.person_id,
    cast(spokesmen.person_count as integer) as person_count,
    spokesmen.request_kind,
    spokesmen.request_date,
    coalesce(spokesmen.updated_date, spokesmen.request_date) as updated_date,
    spokesmen.status,
    voc_request_status.is_live,
    case
        when spokesmen.is_need_missing then coalesce(request_kind_needs.need, spokesmen.need)
        else spokesmen.need
    end as need,
    spokesmen.is_need_missing as is_need_implied,
    spokesmen.typology,
    spokesmen.commune,
    spokesmen.reason,
    spokesmen.refusal_reason
from spokesmen
inner join voc_request_status on spokesmen.status = voc_request_status.code
left join request_kind_needs on spokesmen.request_kind = request_kind_needs.request_kind
