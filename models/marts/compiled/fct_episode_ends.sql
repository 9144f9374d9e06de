with evidence as (
    select * from {{ ref('fct_evidence') }}
    where not is_overruled
),

-- The days on which homeless evidence falls silent: after all that began so far, before the next.
silences as (
    select
        person_id,
        max(end_date) over (
            partition by person_id
            order by start_date, end_date, evidence_id
            rows between unbounded preceding and current row
        ) + 1 as first_day,
        coalesce(
            lead(start_date) over (
                partition by person_id order by start_date, end_date, evidence_id
            ),
            date '9999-12-31'
        ) as next_start_date
    from evidence
    where is_homeless
),

-- Evidence of a situation out of the perimeter ends an episode only where nothing homeless covers
-- the day.
out_of_perimeter as (
    select
        silences.person_id,
        greatest(silences.first_day, evidence.start_date) as end_date,
        'out_of_perimeter' as end_type,
        evidence.situation,
        evidence.source_rank,
        evidence.evidence_id
    from silences
    inner join evidence on silences.person_id = evidence.person_id
    where
        evidence.is_out_of_perimeter
        and silences.first_day < silences.next_start_date
        and silences.first_day <= evidence.end_date
        and evidence.start_date < silences.next_start_date
),

exits as (
    select
        person_id,
        start_date as end_date,
        case when is_housed then 'housed' else situation end as end_type,
        situation,
        source_rank,
        evidence_id
    from evidence
    where is_housed or situation in ('left_territory', 'deceased')
),

ends as (
    select * from out_of_perimeter
    union all
    select * from exits
)

select
    person_id,
    end_date,
    end_type,
    situation
from ends
-- On one day, as for a status: deceased, then left, then housed, then out of the perimeter.
qualify row_number() over (
    partition by person_id, end_date
    order by
        end_type = 'deceased' desc,
        end_type = 'left_territory' desc,
        end_type = 'housed' desc,
        source_rank asc,
        evidence_id asc
) = 1
