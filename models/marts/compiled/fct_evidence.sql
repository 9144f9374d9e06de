with declarations as (
    select * from {{ ref('fct_declarations') }}
),

stays as (
    select * from {{ ref('fct_stays') }}
),

person_records as (
    select * from {{ ref('bridge_person_records') }}
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
),

voc_evidence_kind as (
    select * from {{ ref('voc_evidence_kind') }}
),

evidence as (
    select
        md5(concat_ws(
            '|', declarations.evidence_kind, declarations.operator, declarations.record_id,
            declarations.declared_date, declarations.situation, declarations.commune
        )) as evidence_id,
        person_records.person_id,
        declarations.record_id,
        declarations.operator,
        declarations.evidence_kind,
        declarations.declared_date as start_date,
        declarations.declared_date as end_date,
        declarations.situation,
        declarations.commune,
    from declarations
    inner join person_records on declarations.record_id = person_records.record_id
    union all
    select
        stays.stay_id as evidence_id,
        stays.person_id,
        stays.record_id,
        stays.operator,
        case when voc_situation.is_housed then 'housing' else 'stay' end as evidence_kind,
        stays.entry_date as start_date,
        stays.covered_until as end_date,
        stays.situation,
        stays.commune,
    from stays
    inner join voc_situation on stays.situation = voc_situation.code
),

ranked as (
    select
        evidence.*,
        voc_evidence_kind.source_rank,
        nullif(nullif(nullif(
            evidence.situation, 'unknown'), 'unmapped'), 'not_collected'
        ) as known_situation,
    from evidence
    inner join voc_evidence_kind on evidence.evidence_kind = voc_evidence_kind.code
),

-- An unknown situation is the last known one: whoever was on the street and calls again still is.
carried as (
    select
        *,
        last_value(known_situation ignore nulls) over (
            partition by person_id
            order by start_date, known_situation is null, source_rank desc, evidence_id
            rows between unbounded preceding and current row
        ) as situation_held,
    from ranked
),

classed as (
    select
        carried.* exclude (situation, known_situation, situation_held),
        coalesce(carried.situation_held, carried.situation) as situation,
        voc_situation.is_homeless,
        voc_situation.is_housed,
        situation_held is not null
        and not (voc_situation.is_homeless or voc_situation.is_housed or voc_situation.is_ended)
            as is_out_of_perimeter,
    from carried
    inner join voc_situation
        on coalesce(carried.situation_held, carried.situation) = voc_situation.code
),

-- When sources disagree on a day, a stay is more certain than what someone declares that day.
overruled as (
    select distinct declared.evidence_id
    from classed as declared
    inner join classed as lived
        on
            declared.person_id = lived.person_id
            and declared.start_date between lived.start_date and lived.end_date
    where
        declared.evidence_kind in ('contact', 'request', 'exit')
        and lived.evidence_kind in ('stay', 'housing')
        and (declared.is_homeless or declared.is_housed)
        and (lived.is_homeless or lived.is_housed)
        and declared.is_homeless != lived.is_homeless
)

select
    classed.evidence_id,
    classed.person_id,
    classed.record_id,
    classed.operator,
    classed.evidence_kind,
    classed.source_rank,
    classed.start_date,
    classed.end_date,
    classed.situation,
    classed.commune,
    classed.is_homeless,
    classed.is_housed,
    classed.is_out_of_perimeter,
    overruled.evidence_id is not null as is_overruled,
from classed
left join overruled on classed.evidence_id = overruled.evidence_id
