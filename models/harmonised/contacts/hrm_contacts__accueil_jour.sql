with staged as (
    select * from {{ ref('stg_accueil_jour__passages') }}
)

select
    staged.delivery_id || '-' || staged.source_row as contact_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.date_passage as contact_date,
    'visit' as channel,
    staged.dort_ou as situation_source,
    {{ mapped_code('situation', 'dort_ou') }} as situation,
    cast(null as varchar) as commune_source,
    'not_collected' as commune,
    cast(null as varchar) as answer_source,
    'not_collected' as answer
from staged
{{ join_mapping('situation', 'dort_ou') }}
