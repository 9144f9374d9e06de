with declarations as (
    select * from {{ ref('fct_declarations') }}
),

stays as (
    select * from {{ ref('fct_stays') }}
),

-- Who cannot be recognised cannot be counted once: such records are told apart (dq_findings).
person_records as (
    select * from {{ ref('bridge_person_records') }}
    where is_identified
),

voc_situation as (
    select * from {{ ref('voc_situation') }}
)

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
    null as closing_reason
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
    stays.closing_reason
from stays
inner join person_records on stays.record_id = person_records.record_id
inner join voc_situation on stays.situation = voc_situation.code
