with staged as (
    select * from {{ ref('stg_standard__contacts') }}
)

select
    staged.delivery_id || '-' || staged.source_row as contact_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.date_contact as contact_date,
    {{ mapped_code('channel', 'mode_contact') }} as channel,
    staged.situation as situation_source,
    {{ mapped_code('situation', 'situation') }} as situation,
    staged.commune as commune_source,
    {{ mapped_code('commune', 'commune') }} as commune,
    staged.reponse as answer_source,
    {{ mapped_code('answer', 'reponse') }} as answer
from staged
{{ join_mapping('channel', 'mode_contact', "'standard'") }}
{{ join_mapping('situation', 'situation', "'standard'") }}
{{ join_mapping('commune', 'commune', "'standard'") }}
{{ join_mapping('answer', 'reponse', "'standard'") }}
