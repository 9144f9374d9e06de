with household_months as (
    select * from {{ ref('fct_household_months') }}
),

members as (
    select * from {{ ref('fct_household_members') }}
),

person_months as (
    select * from {{ ref('fct_person_months') }}
),

-- The day the last of those who made the household active ceased to be without a home.
exits as (
    select
        members.previous_household_id as household_id,
        members.reference_month,
        max(
            person_months.homeless_since_date + person_months.days_homeless_in_episode
        ) as end_date
    from members
    inner join person_months
        on
            members.person_id = person_months.person_id
            and members.reference_month = person_months.reference_month
    where members.outflow_type is not null
    group by members.previous_household_id, members.reference_month
),

active_months as (
    select
        *,
        lag(month_end) over (
            partition by household_id order by reference_month
        ) as previous_active_date
    from household_months
    where is_active
),

-- A household that was not seen for a while is in the same episode as long as its reference is.
numbered as (
    select
        *,
        sum(
            case
                when since_date <= previous_active_date or was_active then 0
                else 1
            end
        ) over (
            partition by household_id
            order by reference_month
            rows between unbounded preceding and current row
        ) as episode_number
    from active_months
),

episodes as (
    select
        household_id,
        episode_number,
        min(since_date) as start_date,
        max(reference_month) as last_active_month,
        case
            when bool_or(inflow_type = 'household_formed') then min(reference_month)
        end as formed_month,
        arg_min(household_type, reference_month) as household_type,
        arg_min(situation, reference_month) as situation,
        arg_min(commune, reference_month) as commune
    from numbered
    group by household_id, episode_number
)

select
    episodes.household_id,
    cast(episodes.episode_number as integer) as episode_number,
    episodes.start_date,
    case
        when household_months.outflow_type is not null
            then greatest(
                episodes.start_date + 1, coalesce(exits.end_date, household_months.reference_month)
            )
    end as end_date,
    household_months.outflow_type as end_type,
    episodes.formed_month,
    episodes.household_type,
    episodes.situation,
    episodes.commune
from episodes
left join household_months
    on
        episodes.household_id = household_months.household_id
        and episodes.last_active_month + interval 1 month = household_months.reference_month
        and household_months.outflow_type is not null
left join exits
    on
        household_months.household_id = exits.household_id
        and household_months.reference_month = exits.reference_month
