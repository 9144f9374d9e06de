with staged as (
    select * from {{ ref('stg_maraude__rencontres') }}
)

select
    staged.delivery_id || '-' || staged.source_row as contact_id,
    staged.operator,
    staged.reference_month,
    staged.delivery_id,
    staged.received_at,
    staged.record_id,
    staged.household_record_id,
    staged.date_rencontre as contact_date,
    'outreach' as channel,
    staged.lieu_de_vie as situation_source,
    {{ mapped_code('situation', 'lieu_de_vie') }} as situation,
    staged.secteur as commune_source,
    {{ mapped_code('commune', 'secteur') }} as commune,
    cast(null as varchar) as answer_source,
    'not_collected' as answer
from staged
{{ join_mapping('situation', 'lieu_de_vie') }}
{{ join_mapping('commune', 'secteur') }}
