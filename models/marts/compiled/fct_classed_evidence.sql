with evidence as (
    select * from {{ ref('fct_stated_evidence') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

voc_evidence_kind as (
    select * from {{ ref('voc_evidence_kind') }}
),

ranked as (
    select
        evidence.*,
        voc_evidence_kind.source_rank,
        evidence.situation not in ('unknown', 'unmapped', 'not_collected') as is_known,
        case
            when voc_situation.is_ended then null
            when evidence.situation in ('unknown', 'unmapped', 'not_collected') then null
            else evidence.situation
        end as lived_situation
    from evidence
    inner join voc_evidence_kind on evidence.evidence_kind = voc_evidence_kind.code
    inner join voc_situation on evidence.situation = voc_situation.code
),

-- An unknown situation is the last known one: whoever was on the street and calls again still is.
-- Having left is not a situation to live in: whoever is met again is back in the one before.
carried as (
    select
        * exclude (situation, lived_situation, is_known),
        case
            when is_known then situation
            else coalesce(last_value(lived_situation ignore nulls) over so_far, situation)
        end as situation
    from ranked
    window so_far as (
        partition by person_id
        order by start_date asc, is_known desc, source_rank desc, evidence_id asc
        rows between unbounded preceding and current row
    )
)

select
    carried.evidence_id,
    carried.person_id,
    carried.record_id,
    carried.operator,
    carried.evidence_kind,
    carried.source_rank,
    carried.start_date,
    carried.end_date,
    carried.situation,
    carried.commune,
    carried.closing_reason,
    voc_situation.is_homeless,
    voc_situation.is_housed,
    carried.situation not in ('unknown', 'unmapped', 'not_collected')
    and not (voc_situation.is_homeless or voc_situation.is_housed or voc_situation.is_ended)
        as is_out_of_perimeter
from carried
inner join voc_situation on carried.situation = voc_situation.code
