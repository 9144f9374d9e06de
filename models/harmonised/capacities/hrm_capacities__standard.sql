with staged as (
    select * from {{ ref('stg_standard__capacites') }}
),

coded as (
    select
        staged.*,
        {{ mapped_code('situation', 'type_de_place') }} as situation,
        {{ mapped_code('commune', 'commune') }} as commune_code
    from staged
    {{ join_mapping('situation', 'type_de_place', "'standard'") }}
    {{ join_mapping('commune', 'commune', "'standard'") }}
)

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    -- A kind of place and commune written on several rows: their places add up.
    string_agg(distinct type_de_place, ' + ' order by type_de_place) as situation_source,
    situation,
    string_agg(distinct commune, ' + ' order by commune) as commune_source,
    commune_code as commune,
    cast(sum(places) as integer) as places,
    cast(sum(places_occupees) as integer) as places_occupied
from coded
group by operator, reference_month, delivery_id, received_at, situation, commune_code
