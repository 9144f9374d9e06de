with domiciliations as (
    select * from {{ ref('stg_ccas__domiciliations') }}
),

acts as (
    select
        *,
        date_election as contact_date,
        'domiciliation' as channel,
        'election' as act,
        1 as priority
    from domiciliations
    union all
    select
        *,
        date_renouvellement as contact_date,
        'domiciliation' as channel,
        'renewal' as act,
        2 as priority
    from domiciliations
    union all
    select
        *,
        date_dernier_passage as contact_date,
        'visit' as channel,
        'visit' as act,
        3 as priority
    from domiciliations
),

staged as (
    select *
    from acts
    where contact_date is not null
    -- The visit at which a domiciliation is granted or renewed is the same contact as the act.
    qualify row_number() over (
        partition by delivery_id, record_id, contact_date
        order by priority, source_row
    ) = 1
)

select
    staged.delivery_id || '-' || staged.source_row || '-' || staged.act as contact_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.contact_date,
    staged.channel,
    staged.situation_logement as situation_source,
    {{ mapped_code('situation', 'situation_logement') }} as situation,
    cast(null as varchar) as commune_source,
    'not_collected' as commune,
    cast(null as varchar) as answer_source,
    'not_collected' as answer
from staged
{{ join_mapping('situation', 'situation_logement') }}
