with staged as (
    select * from {{ ref('stg_logement__capacites') }}
),

coded as (
    select
        staged.*,
        {{ mapped_code('situation', 'dispositif') }} as situation,
        {{ mapped_code('commune', 'commune') }} as commune_code
    from staged
    {{ join_mapping('situation', 'dispositif') }}
    {{ join_mapping('commune', 'commune') }}
)

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    -- Several of the operator's words may stand for one kind of place: their places add up.
    string_agg(distinct dispositif, ' + ' order by dispositif) as situation_source,
    situation,
    string_agg(distinct commune, ' + ' order by commune) as commune_source,
    commune_code as commune,
    cast(sum(places) as integer) as places,
    cast(sum(places_occupees) as integer) as places_occupied
from coded
group by operator, reference_month, delivery_id, received_at, situation, commune_code
