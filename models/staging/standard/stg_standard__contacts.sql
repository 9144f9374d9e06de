with {{ with_household('contacts') }}

select
    operator,
    reference_month,
    delivery_id,
    received_at,
    source_row,
    record_id,
    household_record_id,
    cast(date_contact as date) as date_contact,
    trim(mode_contact) as mode_contact,
    trim(situation) as situation,
    trim(commune) as commune,
    trim(reponse) as reponse
from sheet
