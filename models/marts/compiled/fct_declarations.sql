with contacts as (
    select * from {{ ref('hrm_contacts') }}
),

requests as (
    select * from {{ ref('hrm_requests') }}
),

stays as (
    select * from {{ ref('fct_stays') }}
),

voc_request_status as (
    select * from {{ ref('voc_request_status') }}
),

said_in_contacts as (
    select
        record_id,
        operator,
        'contact' as evidence_kind,
        contact_date as declared_date,
        situation,
        commune
    from contacts
),

-- A request says where the household lives on the day it is made and on each day it is renewed;
-- once decided, its last update is about the decision. Waiting proves nothing later.
request_days as (
    select
        requests.*,
        unnest([
            requests.request_date,
            case when voc_request_status.is_live then requests.updated_date end,
        ]) as declared_date
    from requests
    left join voc_request_status on requests.status = voc_request_status.code
),

said_in_requests as (
    select
        record_id,
        operator,
        'request' as evidence_kind,
        declared_date,
        situation,
        -- The commune of a request is the one wished for, not where the household is.
        'not_collected' as commune
    from request_days
    -- An operator that does not ask where the household lives has met nobody without a home.
    where situation != 'not_collected'
    {{ latest_listing('request_id, declared_date', 'request_listing_id') }}
),

latest_requests as (
    select *
    from requests
    {{ latest_listing('request_id', 'request_listing_id') }}
),

rehousings as (
    select
        record_id,
        operator,
        'housing' as evidence_kind,
        status_date as declared_date,
        'own_housing' as situation,
        'not_collected' as commune
    from latest_requests
    where status = 'rehoused'
),

exits as (
    select
        record_id,
        operator,
        'exit' as evidence_kind,
        coalesce(exit_date, covered_until + 1) as declared_date,
        -- Some operators write a death or a departure as a reason, and no destination.
        case
            when exit_reason in ('deceased', 'left_territory') then exit_reason
            else coalesce(household_destination, exit_destination)
        end as situation,
        commune
    from stays
    where exit_date is not null or household_destination is not null
)

select * from said_in_contacts
where declared_date is not null
union
select * from said_in_requests
where declared_date is not null
union
select * from rehousings
where declared_date is not null
union
select * from exits
where situation not in ('unknown', 'unmapped', 'not_collected')
