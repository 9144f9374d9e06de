with spells as (
    select * from {{ ref('fct_spells') }}
),

person_months as (
    select * from {{ ref('fct_person_months') }}
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
            when person_months.status = 'inactive' then person_months.last_seen_date + 1
            else months.month_end + 1
        end as known_until
    from spells
    inner join months on spells.start_date <= months.month_end
    left join person_months
        on
            spells.unit = 'person'
            and spells.unit_id = person_months.person_id
            and months.reference_month = person_months.reference_month
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
