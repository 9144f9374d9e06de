with phases as (
    select * from {{ ref('programme_phases') }}
),

months as (
    select * from {{ ref('dim_months') }}
    where not is_opening
),

deliverables as (
    select
        reference_month,
        phase,
        count(*) as deliverables,
        count(*) filter (where is_due) as deliverables_due,
        count(*) filter (where is_done) as deliverables_done,
        count(*) filter (where is_due and not is_done) as deliverables_late
    from {{ ref('ind_deliverables') }}
    group by reference_month, phase
),

funding as (
    select
        months.reference_month,
        funding.phase,
        sum(funding.planned_eur) as planned_eur,
        sum(funding.planned_eur) filter (
            where funding.month <= months.reference_month
        ) as planned_to_date_eur,
        sum(funding.spent_eur) filter (
            where funding.month <= months.reference_month
        ) as spent_eur
    from {{ ref('funding') }} as funding
    cross join months
    group by months.reference_month, funding.phase
),

by_phase as (
    select
        months.reference_month,
        phases.* exclude (phases.phase),
        unnest([phases.phase, 'total']) as phase,
        months.month_end between phases.start_date and phases.end_date as is_current,
        deliverables.* exclude (deliverables.reference_month, deliverables.phase),
        funding.* exclude (funding.reference_month, funding.phase)
    from months
    cross join phases
    left join deliverables
        on
            months.reference_month = deliverables.reference_month
            and phases.phase = deliverables.phase
    left join funding
        on
            months.reference_month = funding.reference_month
            and phases.phase = funding.phase
)

{% set measures = [
    'deliverables', 'deliverables_due', 'deliverables_done', 'deliverables_late', 'planned_eur',
    'planned_to_date_eur', 'spent_eur',
] -%}
select
    reference_month,
    phase,
    case when phase = 'total' then 'Toute la démarche' else min(label_fr) end as label_fr,
    case when phase = 'total' then 0 else min(position) end as phase_position,
    min(start_date) as start_date,
    max(end_date) as end_date,
    bool_or(is_current) as is_current,
    {% for measure in measures -%}
        cast(coalesce(sum({{ measure }}), 0) as integer) as {{ measure }},
    {% endfor -%}
    sum(deliverables_done) / nullif(sum(deliverables), 0) as done_share,
    coalesce(sum(spent_eur), 0) / nullif(sum(planned_eur), 0) as spent_share
from by_phase
group by reference_month, phase
