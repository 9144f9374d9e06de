with members as (
    select * from {{ ref('fct_household_members') }}
),

-- Seen from the month's end: who makes up the household now.
present as (
    select
        reference_month,
        household_id,
        any_value(month_end) as month_end,
        count(*) filter (where is_counted) as member_count,
        count(*) filter (where is_counted and is_adult) as adult_count,
        count(*) filter (where is_counted and not is_adult) as child_count,
        bool_or(is_counted and is_under_3) as has_child_under_3,
        bool_or(is_active) as is_active,
        bool_or(is_active and was_active) as has_active_joiner,
        max(status) filter (where is_reference) as status,
        max(situation) filter (where is_reference) as situation,
        max(household_type) filter (where is_reference) as household_type,
        max(commune) filter (where is_reference) as commune,
        max(homeless_since_date) filter (where is_reference) as since_date,
        max(inflow_type) filter (where is_reference) as inflow_type
    from members
    group by reference_month, household_id
),

-- Seen from the month before: where those who made it active are now.
departed as (
    select
        reference_month,
        previous_household_id as household_id,
        any_value(month_end) as month_end,
        bool_or(is_active) as has_active_leaver,
        max(situation) filter (where was_reference) as situation,
        max(household_type) filter (where was_reference) as household_type,
        max(commune) filter (where was_reference) as commune,
        max(outflow_type) filter (where was_reference) as outflow_type
    from members
    where was_active
    group by reference_month, previous_household_id
),

both_ends as (
    select
        coalesce(present.household_id, departed.household_id) as household_id,
        coalesce(present.reference_month, departed.reference_month) as reference_month,
        coalesce(present.month_end, departed.month_end) as month_end,
        coalesce(present.member_count, 0) as member_count,
        coalesce(present.adult_count, 0) as adult_count,
        coalesce(present.child_count, 0) as child_count,
        coalesce(present.has_child_under_3, false) as has_child_under_3,
        coalesce(present.is_active, false) as is_active,
        departed.household_id is not null as was_active,
        coalesce(present.status, 'dissolved') as status,
        coalesce(present.situation, departed.situation) as situation,
        coalesce(present.household_type, departed.household_type) as household_type,
        coalesce(present.commune, departed.commune) as commune,
        present.since_date,
        -- A member who was already active, elsewhere, is no entry: the household was formed.
        case
            when present.has_active_joiner then 'household_formed' else present.inflow_type
        end as way_in,
        case
            when departed.has_active_leaver then 'household_dissolved'
            else departed.outflow_type
        end as way_out
    from present
    full join departed
        on
            present.reference_month = departed.reference_month
            and present.household_id = departed.household_id
)

select
    household_id,
    reference_month,
    month_end,
    cast(member_count as integer) as member_count,
    cast(adult_count as integer) as adult_count,
    cast(child_count as integer) as child_count,
    has_child_under_3,
    is_active,
    was_active,
    status,
    situation,
    household_type,
    commune,
    since_date,
    case when is_active and not was_active then way_in end as inflow_type,
    case when was_active and not is_active then way_out end as outflow_type
from both_ends
