with listings as (
    select * from {{ ref('fct_request_listings') }}
),

person_months as (
    select * from {{ ref('fct_person_months') }}
),

need_responses as (
    select * from {{ ref('need_responses') }}
),

with_previous as (
    select
        *,
        row_number() over by_month = 1 and is_seen_arriving as is_new,
        coalesce(lag(is_live) over by_month, is_seen_arriving) as was_live
    from listings
    window by_month as (partition by household_request_id order by reference_month)
),

with_household as (
    select
        with_previous.* exclude (with_previous.is_seen_arriving),
        coalesce(person_months.household_id, with_previous.person_id) as household_id,
        coalesce(person_months.household_type, 'unknown') as household_type,
        coalesce(person_months.is_active, false) as is_without_home,
        need_responses.need is not null as is_need_met
    from with_previous
    left join person_months
        on
            with_previous.person_id = person_months.person_id
            and with_previous.reference_month = person_months.reference_month
    left join need_responses
        on
            with_previous.need = need_responses.need
            and case with_previous.status
                when 'rehoused' then 'own_housing' else person_months.situation
            end = need_responses.situation
),

with_outcome as (
    select
        * exclude (was_live, is_need_met),
        case
            when is_live or not was_live then null
            when status in ('admitted', 'rehoused') and is_need_met then 'answered_as_needed'
            when status in ('admitted', 'rehoused') then 'answered_otherwise'
            when status = 'refused' then 'refused'
            else 'closed'
        end as outcome
    from with_household
)

-- A household with several requests is counted once: it waits for what its most recent live
-- request recommends, before what the kind of one implies (a priority label recommends nothing, it
-- tells the need of whom nobody made a recommendation for); of a month's outcomes the best is its
-- own.
select
    household_request_id,
    reference_month,
    operator,
    person_id,
    person_count,
    request_kind,
    request_date,
    updated_date,
    status,
    is_live,
    need,
    typology,
    commune,
    reason,
    refusal_reason,
    is_carried_over,
    is_new,
    household_id,
    household_type,
    is_without_home,
    outcome,
    is_live and row_number() over (
        partition by household_id, reference_month
        order by
            is_live desc,
            need in ('unknown', 'unmapped', 'not_collected') asc,
            is_need_implied asc,
            request_date desc,
            household_request_id desc
    ) = 1 as is_waiting,
    outcome is not null and row_number() over (
        partition by household_id, reference_month
        order by
            outcome is null asc,
            outcome = 'closed' asc,
            outcome = 'refused' asc,
            outcome asc,
            household_request_id asc
    ) = 1 as is_outcome
from with_outcome
