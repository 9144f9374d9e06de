-- The status by month and the episodes by day are computed apart, and say the same: at the month's
-- end an active person is within an episode, and one housed, gone, dead or out of the perimeter is
-- not.
with person_months as (
    select * from {{ ref('fct_person_months') }}
)

select
    person_id,
    reference_month,
    status,
    homeless_since_date,
    days_homeless_in_episode
from person_months
where
    coalesce(homeless_since_date + days_homeless_in_episode > month_end, false) != is_active
