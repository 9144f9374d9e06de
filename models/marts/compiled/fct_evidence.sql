with evidence as (
    select * from {{ ref('fct_classed_evidence') }}
),

overruled as (
    select overruled_evidence_id as evidence_id
    from {{ ref('fct_evidence_conflicts') }}
    where overruled_evidence_id is not null
    group by overruled_evidence_id
)

select
    evidence.evidence_id,
    evidence.person_id,
    evidence.record_id,
    evidence.operator,
    evidence.evidence_kind,
    evidence.source_rank,
    evidence.start_date,
    evidence.end_date,
    evidence.situation,
    evidence.commune,
    evidence.closing_reason,
    evidence.is_homeless,
    evidence.is_housed,
    evidence.is_out_of_perimeter,
    overruled.evidence_id is not null as is_overruled
from evidence
left join overruled on evidence.evidence_id = overruled.evidence_id
