with spells as (
    select * from {{ ref('fct_spells') }}
),

-- By unit as well: a condition on one side alone would make the join below a nested loop.
lost_persons as (
    select
        'person' as unit,
        person_id as unit_id,
        reference_month,
        last_seen_date + 1 as known_until
    from {{ ref('fct_person_months') }}
    where status = 'inactive'
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

-- As known at each month's end: whoever is lost from sight is followed up to when last seen.
followed as (
    select
        spells.*,
        months.reference_month,
        coalesce(spells.end_date <= months.month_end, false) as is_ended,
        case
            when spells.end_date <= months.month_end then spells.end_date
            else coalesce(lost_persons.known_until, months.month_end + 1)
        end as known_until
    from spells
    inner join months on spells.start_date <= months.month_end
    left join lost_persons
        on
            spells.unit = lost_persons.unit
            and spells.unit_id = lost_persons.unit_id
            and months.reference_month = lost_persons.reference_month
)

select
    reference_month,
    duration_kind,
    unit,
    unit_id,
    spell_number,
    household_type,
    age_band,
    sex,
    situation,
    commune,
    cast(greatest(0, observed_from - start_date) as integer) as entry_days,
    cast(known_until - start_date as integer) as duration_days,
    is_ended and is_event as is_event
from followed
where known_until > greatest(start_date, observed_from)
