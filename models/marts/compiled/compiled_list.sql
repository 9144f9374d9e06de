with person_months as (
    select * from {{ ref('fct_person_months') }}
    where is_active
),

persons as (
    select * from {{ ref('dim_persons') }}
),

requests as (
    select * from {{ ref('fct_household_waits') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

voc_inflow as (
    select * from {{ ref('voc_inflow') }}
),

voc_household_type as (
    select * from {{ ref('voc_household_type') }}
),

voc_need as (
    select * from {{ ref('voc_need') }}
),

households as (
    select * from {{ ref('fct_household_months') }}
),

listed as (
    select
        person_months.*,
        persons.birth_year,
        households.child_count,
        households.has_child_under_3,
        person_months.month_end - requests.request_updated_date
        > {{ var('request_update_days') }} as is_request_stale,
        requests.* exclude (requests.household_id, requests.reference_month)
    from person_months
    inner join persons on person_months.person_id = persons.person_id
    inner join households
        on
            person_months.household_id = households.household_id
            and person_months.reference_month = households.reference_month
    left join requests
        on
            person_months.household_id = requests.household_id
            and person_months.reference_month = requests.reference_month
)

select
    listed.reference_month,
    listed.person_id,
    listed.household_id,
    listed.household_record_id,
    listed.sex,
    listed.age_band,
    listed.household_type,
    listed.situation,
    voc_situation.label_fr as situation_label_fr,
    listed.commune,
    listed.administrative_status,
    listed.resources,
    listed.homeless_since_date as since_date,
    listed.days_homeless_in_episode as days_without_home,
    cast(date_sub(
        'month', listed.homeless_since_date, cast(listed.month_end + 1 as date)
    ) as integer) as months_without_home,
    listed.last_seen_date,
    listed.operator_count,
    listed.request_kind,
    listed.request_status,
    listed.request_date,
    listed.request_updated_date,
    cast(listed.month_end - listed.request_date as integer) as request_age_days,
    listed.need,
    voc_need.label_fr as need_label_fr,
    listed.typology,
    listed.request_date is null as is_without_request,
    listed.priority_date is not null as priority_label,
    listed.priority_date,
    coalesce(voc_inflow.is_return, false) as is_returned,
    listed.is_long_term,
    listed.age_band = '18_24' as is_young,
    listed.child_count > 0 or voc_household_type.has_children as is_family,
    listed.has_child_under_3,
    -- Only a stay that was left open has kept the person on the list, and it no longer covers.
    listed.last_seen_date < listed.month_end
    and coalesce(
        listed.month_end - listed.confirmed_until_date > {{ var('inactivity_days') }}, true
    ) as is_ghost_risk,
    nullif(concat_ws(
        '+',
        case when listed.request_date is null then 'no_request' end,
        case when listed.request_kind is not null and listed.need is null then 'no_need' end,
        case when listed.is_request_stale then 'not_updated' end,
        case when listed.birth_year is null then 'no_birth_year' end,
        {%- for field in [
            'sex', 'household_type', 'administrative_status', 'resources', 'commune'
        ] %}
            case
                when listed.{{ field }} in ('unknown', 'unmapped', 'not_collected')
                    then 'no_{{ field }}'
            end{{ ',' if not loop.last }}
        {%- endfor %}
    ), '') as missing_to_act
from listed
inner join voc_situation on listed.situation = voc_situation.code
inner join voc_household_type on listed.household_type = voc_household_type.code
left join voc_need on listed.need = voc_need.code
left join voc_inflow on listed.inflow_type = voc_inflow.code
