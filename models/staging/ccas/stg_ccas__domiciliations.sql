with landed as (
    {{ current_rows('ccas', 'domiciliations') }}
)

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    source_row,
    record_id,
    household_record_id,
    cast(birth_year as integer) as birth_year,
    birth_date_precision,
    trim(civilite) as civilite,
    cast(date_election as date) as date_election,
    cast(date_renouvellement as date) as date_renouvellement,
    cast(date_dernier_passage as date) as date_dernier_passage,
    trim(situation_logement) as situation_logement,
    trim(situation_familiale) as situation_familiale,
    trim(ressources) as ressources
from landed
