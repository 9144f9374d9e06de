with deliverables as (
    select * from {{ ref('deliverables') }}
),

phases as (
    select * from {{ ref('programme_phases') }}
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
)

-- As known at each month's end: what was done later was not done yet.
select
    months.reference_month,
    deliverables.deliverable,
    deliverables.position,
    deliverables.label_fr,
    deliverables.phase,
    phases.label_fr as phase_label_fr,
    deliverables.due_date,
    case
        when deliverables.done_date <= months.month_end then deliverables.done_date
    end as done_date,
    coalesce(deliverables.done_date <= months.month_end, false) as is_done,
    deliverables.due_date <= months.month_end as is_due,
    cast(greatest(
        case
            when deliverables.done_date <= months.month_end then deliverables.done_date
            else months.month_end
        end - deliverables.due_date, 0
    ) as integer) as days_late
from months
cross join deliverables
inner join phases on deliverables.phase = phases.phase
