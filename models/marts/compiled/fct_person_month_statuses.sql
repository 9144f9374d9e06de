with months as (
    select * from {{ ref('dim_months') }}
),

month_evidence as (
    select * from {{ ref('fct_person_month_evidence') }}
),

first_months as (
    select
        person_id,
        min(reference_month) as first_month
    from month_evidence
    group by person_id
),

-- What is known at each month's end is all that came before: dates only grow, the rest is carried.
known_by_month as (
    select
        first_months.person_id,
        months.reference_month,
        months.month_end,
        months.is_opening,
        max(month_evidence.homeless_start_date) over so_far as homeless_start_date,
        max(month_evidence.homeless_until_date) over so_far as homeless_until_date,
        max(month_evidence.confirmed_until_date) over so_far as confirmed_until_date,
        max(month_evidence.housing_start_date) over so_far as housing_start_date,
        max(month_evidence.left_date) over so_far as left_date,
        min(month_evidence.death_date) over so_far as death_date,
        max(month_evidence.out_of_perimeter_date) over so_far as out_of_perimeter_date,
        last_value(
            month_evidence.homeless_situation ignore nulls
        ) over so_far as homeless_situation,
        last_value(month_evidence.housing_situation ignore nulls) over so_far as housing_situation,
        last_value(month_evidence.latest_situation ignore nulls) over so_far as latest_situation,
        last_value(month_evidence.commune ignore nulls) over so_far as commune,
        coalesce(month_evidence.has_homeless_evidence, false) as served_in_month,
        coalesce(month_evidence.operator_count, 0) as operator_count
    from first_months
    inner join months on first_months.first_month <= months.reference_month
    left join month_evidence
        on
            first_months.person_id = month_evidence.person_id
            and months.reference_month = month_evidence.reference_month
    window so_far as (
        partition by first_months.person_id
        order by months.reference_month
        rows between unbounded preceding and current row
    )
),

-- The latest date tells; on one day: deceased > left_territory > housed > active.
statuses as (
    select
        *,
        case
            when death_date is not null then 'deceased'
            when
                left_date >= coalesce(homeless_start_date, left_date)
                and left_date >= coalesce(housing_start_date, left_date)
                then 'left_territory'
            when
                housing_start_date >= coalesce(homeless_start_date, housing_start_date)
                then 'housed'
            when homeless_start_date is null then 'out_of_perimeter'
            when out_of_perimeter_date > homeless_until_date then 'out_of_perimeter'
            when month_end - homeless_until_date <= {{ var('inactivity_days') }} then 'active'
            else 'inactive'
        end as status
    from known_by_month
)

select
    person_id,
    reference_month,
    month_end,
    is_opening,
    status,
    case
        when status in ('active', 'inactive') then homeless_situation
        when status = 'housed' then housing_situation
        when status in ('deceased', 'left_territory') then status
        else latest_situation
    end as situation,
    coalesce(commune, 'unknown') as commune,
    homeless_until_date as last_seen_date,
    confirmed_until_date,
    served_in_month,
    operator_count
from statuses
