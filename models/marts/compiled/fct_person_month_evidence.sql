with evidence as (
    select * from {{ ref('fct_evidence') }}
    where not is_overruled
),

months as (
    select * from {{ ref('dim_months') }}
),

-- Of what covers the same days, the more certain kind wins, then the later start.
preferred as (
    select
        *,
        row_number() over (
            partition by person_id
            order by source_rank desc, start_date asc, evidence_id asc
        ) as preference
    from evidence
),

-- What ended before the list began counts in the opening month, from which it is carried on.
cut_by_month as (
    select
        preferred.*,
        months.reference_month,
        months.month_end,
        least(preferred.end_date, months.month_end) as covered_until,
        row(least(preferred.end_date, months.month_end), preferred.preference) as strength
    from preferred
    inner join months
        on
            preferred.start_date <= months.month_end
            and (preferred.end_date >= months.reference_month or months.is_opening)
)

select
    person_id,
    reference_month,
    max(start_date) filter (where is_homeless) as homeless_start_date,
    max(covered_until) filter (where is_homeless) as homeless_until_date,
    -- A stay whose exit nobody wrote says only that it was not closed.
    max(covered_until) filter (
        where is_homeless and coalesce(closing_reason, 'exit_recorded') = 'exit_recorded'
    ) as confirmed_until_date,
    max(start_date) filter (where is_housed) as housing_start_date,
    max(start_date) filter (where situation = 'left_territory') as left_date,
    min(start_date) filter (where situation = 'deceased') as death_date,
    max(covered_until) filter (where is_out_of_perimeter) as out_of_perimeter_date,
    arg_max(situation, strength) filter (where is_homeless) as homeless_situation,
    arg_max(situation, strength) filter (where is_housed) as housing_situation,
    arg_max(situation, strength) as latest_situation,
    arg_max(commune, strength) filter (
        where commune not in ('unknown', 'unmapped', 'not_collected')
    ) as commune,
    coalesce(
        bool_or(is_homeless and covered_until >= reference_month), false
    ) as has_homeless_evidence,
    cast(count(distinct operator) filter (
        where is_homeless and covered_until >= reference_month
    ) as integer) as operator_count
from cut_by_month
group by person_id, reference_month
