with staged as (
    select * from {{ ref('stg_siao_115__appels') }}
)

select
    staged.delivery_id || '-' || staged.source_row as contact_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    cast(staged.date_appel as date) as contact_date,
    'call' as channel,
    staged.situation as situation_source,
    {{ mapped_code('situation', 'situation') }} as situation,
    staged.commune_appel as commune_source,
    {{ mapped_code('commune', 'commune_appel') }} as commune,
    staged.reponse as answer_source,
    {{ mapped_code('answer', 'reponse') }} as answer
from staged
{{ join_mapping('situation', 'situation') }}
{{ join_mapping('commune', 'commune_appel') }}
{{ join_mapping('answer', 'reponse') }}
